/**
 * What the page knows: people, conversations, messages, and what the bot is just doing.
 *
 * A conversation is a private chat or one topic of the group; its key is the chat's id, with the topic behind it.
 */

const SPEAKER = "speaker";

export const conversationOf = (message) => keyOf(message.chat.id, message.message_thread_id ?? null);

const keyOf = (chatId, topic) => (topic === null ? `${chatId}` : `${chatId}:${topic}`);

export class Store {
  bot = null;
  people = new Map();
  conversations = [];
  descriptions = {};
  drafts = new Map();
  actions = new Map();
  pressed = new Map(); // query id -> the button that waits for its answer
  current = null; // key
  #messages = new Map(); // key -> Map of messages by id
  #unread = new Map();
  #speaker = Number(localStorage.getItem(SPEAKER)) || null;

  /** Everything anew. */
  load(snapshot) {
    this.#messages.clear();
    this.drafts.clear();
    this.actions.clear();
    this.arrange(snapshot.setup);
    for (const message of snapshot.messages) this.#listOf(conversationOf(message)).set(message.message_id, message);
    for (const draft of snapshot.drafts) this.showDraft(draft);
    for (const action of snapshot.actions) this.showAction(action);
  }

  /** Who there is, and which conversations. */
  arrange(setup) {
    this.bot = setup.bot;
    this.people = new Map([setup.bot, ...setup.people].map((user) => [user.id, user]));
    this.descriptions = setup.descriptions;
    this.conversations = setup.chats.flatMap(conversationsIn);
    if (!this.conversation(this.current)) this.current = this.conversations[0].key;
  }

  conversation(key = this.current) {
    return this.conversations.find((conversation) => conversation.key === key);
  }

  messages(key = this.current) {
    return [...this.#listOf(key).values()];
  }

  message(chatId, messageId) {
    for (const conversation of this.conversations) {
      const found = conversation.chat.id === chatId && this.#listOf(conversation.key).get(messageId);
      if (found) return found;
    }
    return null;
  }

  /** Who speaks: in a private chat its person, in the group whoever was chosen. */
  get speaker() {
    const { members } = this.conversation().chat;
    return this.people.get(members.includes(this.#speaker) ? this.#speaker : members[0]);
  }

  speakAs(personId) {
    this.#speaker = personId;
    localStorage.setItem(SPEAKER, personId);
  }

  /** A new or changed message; true when it is new. */
  keep(message) {
    const key = conversationOf(message);
    const list = this.#listOf(key);
    const isNew = !list.has(message.message_id);
    list.set(message.message_id, message);
    if (isNew && message.from.id === this.bot.id) {
      this.drafts.delete(key);
      this.actions.delete(key);
    }
    return isNew;
  }

  remove(chatId, messageIds) {
    for (const conversation of this.conversations) {
      if (conversation.chat.id !== chatId) continue;
      for (const id of messageIds) this.#listOf(conversation.key).delete(id);
    }
  }

  showDraft(draft) {
    this.drafts.set(keyOf(draft.chat_id, null), lasting(draft));
  }

  showAction(action) {
    this.actions.set(keyOf(action.chat_id, action.message_thread_id ?? null), lasting(action));
  }

  draft(key = this.current) {
    return present(this.drafts.get(key));
  }

  action(key = this.current) {
    return present(this.actions.get(key));
  }

  unread(key) {
    return this.#unread.get(key) ?? 0;
  }

  markUnread(key) {
    this.#unread.set(key, this.unread(key) + 1);
  }

  markRead(key = this.current) {
    this.#unread.delete(key);
  }

  #listOf(key) {
    if (!this.#messages.has(key)) this.#messages.set(key, new Map());
    return this.#messages.get(key);
  }
}

function conversationsIn(chat) {
  if (chat.type === "private") {
    return [{ key: keyOf(chat.id, null), chat, topic: null, name: chat.first_name, testid: `${chat.id}` }];
  }
  const general = { key: keyOf(chat.id, null), chat, topic: null, name: null, testid: "team" };
  const topics = chat.topics.map(({ id, name }) => ({ key: keyOf(chat.id, id), chat, topic: id, name, testid: `team-${id}` }));
  return [general, ...topics];
}

const lasting = (item) => ({ ...item, until: Date.now() + item.seconds * 1000 });

const present = (item) => (item && item.until > Date.now() ? item : null);
