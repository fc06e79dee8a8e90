/** Talking to the server: a stream of what happens, and one request for each thing a person does. */

/** Follow what happens. `receive` gets every event, `connected` hears of the connection. */
export function listen(receive, connected) {
  const stream = new EventSource("/sim/events");
  stream.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  stream.addEventListener("open", () => connected(true));
  stream.addEventListener("error", () => connected(false));
}

/** Do something; what the server answers. Throws an Error with the server's words when it refuses. */
export async function act(name, details) {
  const headers = { "Content-Type": "application/json" };
  return finish(await fetch(`/sim/${name}`, { method: "POST", headers, body: JSON.stringify(details) }));
}

/** Send a file. `details` are the fields beside it; those without a value are left out. */
export async function sendFile(file, details) {
  const form = new FormData();
  for (const [name, value] of Object.entries(details)) {
    if (value !== null && value !== undefined) form.append(name, value);
  }
  form.append("file", file);
  return finish(await fetch("/sim/file", { method: "POST", body: form }));
}

async function finish(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.description ?? response.statusText);
  return answer;
}
