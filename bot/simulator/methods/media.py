"""Methods that send files and find them again."""

from bot.simulator.errors import bad_request
from bot.simulator.events import FileKept
from bot.simulator.files import DOWNLOAD_LIMIT
from bot.simulator.methods.content import read_caption
from bot.simulator.methods.outgoing import begin, keep
from bot.simulator.methods.targets import open_chat
from bot.simulator.model import JsonObject, StoredFile
from bot.simulator.parameters import Parameters, Upload
from bot.simulator.render import file_json
from bot.simulator.world import World


def send_document(world: World, parameters: Parameters) -> JsonObject:
    """sendDocument: an upload, or a file that Telegram has already."""
    return _send(world, parameters, "document")


def send_photo(world: World, parameters: Parameters) -> JsonObject:
    """sendPhoto: the same for a picture, shown as one."""
    return _send(world, parameters, "photo")


def get_file(world: World, parameters: Parameters) -> JsonObject:
    """getFile: where a file can be downloaded."""
    file = world.state.files.get(parameters.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {**file_json(file), "file_path": file.path}


def _send(world: World, parameters: Parameters, kind: str) -> JsonObject:
    open_chat(world, parameters)
    caption = read_caption(parameters)
    upload = parameters.upload(kind)
    known = None if upload else _known(world, parameters.text(kind), kind)
    message = begin(world, parameters)
    file = known or _kept(world, upload, kind)
    return keep(world, message, text=caption.text, entities=caption.entities, file_id=file.file_id)


def _known(world: World, reference: str, kind: str) -> StoredFile:
    """The file that a file_id names."""
    if not reference or reference.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    if reference.lower().startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # nothing is fetched here
    file = world.state.files.get(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.is_photo != (kind == "photo"):
        raise bad_request("type of file mismatch")
    return file


def _kept(world: World, upload: Upload | None, kind: str) -> StoredFile:
    file = world.files.add(upload or Upload("", b""), as_photo=kind == "photo")
    world.record(FileKept(file=file))
    return file
