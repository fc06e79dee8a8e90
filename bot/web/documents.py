"""/v1/documents: what a key finds answers in. Its own are its own; shared ones are for admin keys to change."""

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response, UploadFile
from fastapi import Path as InPath

from bot import texts
from bot.app import App
from bot.dialogue import Attachment
from bot.errors import RemovalError
from bot.keys import person_of, place_of
from bot.knowledge import Source, chat_scope
from bot.reading import saved
from bot.web.door import key_of
from bot.web.errors import ApiError
from bot.web.front import Front
from bot.web.models import LARGEST_NUMBER, Documents, Kept, Listed
from nlp.errors import DocumentError
from storage.records import SHARED, ApiKey, Document

_NAME_LENGTH = 200
Key = Annotated[ApiKey, Depends(key_of)]
Number = Annotated[int, InPath(ge=1, le=LARGEST_NUMBER)]


def documents_router(front: Front) -> APIRouter:
    """The routes of documents."""
    router, app = APIRouter(), front.app

    @router.get("/documents")
    async def list_documents(key: Key) -> Documents:
        """The documents that this key finds answers in: its own and the shared ones."""
        return Documents(documents=[_listed(document) for document in await app.knowledge.documents(_scopes(key))])

    @router.post("/documents", status_code=201)
    async def add_document(key: Key, file: UploadFile, shared: Annotated[bool, Form()] = False) -> Kept:
        """Add a file; one of the same name is replaced. An admin key may make it everybody's by `shared`."""
        if shared and not key.admin:
            raise ApiError(403, "forbidden", "only an admin key may change the shared documents")
        return await _add(app, key, file, SHARED if shared else _own(key))

    @router.delete("/documents/{number}", status_code=204)
    async def remove_document(key: Key, number: Number) -> Response:
        """Remove a document of this key, or with an admin key a shared one."""
        found = [d for d in await app.knowledge.documents(_scopes(key)) if d.id == number]
        if not found:
            raise ApiError(404, "not_found", f"there is no document {number}")
        if found[0].scope == SHARED and not key.admin:
            raise ApiError(403, "forbidden", "only an admin key may change the shared documents")
        try:
            await app.knowledge.remove(str(number))
        except RemovalError as error:  # it went meanwhile, and others bear its number as their title
            raise ApiError(404, "not_found", f"there is no document {number}") from error
        return Response(status_code=204)

    return router


async def _add(app: App, key: ApiKey, file: UploadFile, scope: str) -> Kept:
    name = _name(file.filename or "")
    data = await file.read()

    async def save(path: Path) -> None:
        await asyncio.to_thread(path.write_bytes, data)

    uri = f"api:{name}"
    try:
        async with saved(Attachment(name, len(data), save)) as path:
            added = await app.knowledge.add(Source(path, uri, scope, added_by=person_of(key).id))
    except DocumentError as error:
        said = texts.FILE_ERRORS[error.reason].plain("en", name=name)
        raise ApiError(422, error.reason, said) from error
    number = next(d.id for d in await app.knowledge.documents({scope}) if d.uri == uri)
    return Kept(id=number, title=added.title, change=added.change.value, shared=scope == SHARED)


def _name(sent: str) -> str:
    """The last part of a file's name, with nothing in it that is not seen."""
    shown = "".join(letter for letter in sent.replace("\\", "/") if letter.isprintable())
    return Path(shown).name[-_NAME_LENGTH:] or "file"


def _own(key: ApiKey) -> str:
    return chat_scope(place_of(key).chat_id)


def _scopes(key: ApiKey) -> set[str]:
    return {SHARED, _own(key)}


def _listed(document: Document) -> Listed:
    return Listed(
        id=document.id,
        title=document.title,
        uri=document.uri,
        language=document.language,
        media_type=document.media_type,
        characters=document.characters,
        passages=document.chunks,
        shared=document.scope == SHARED,
        updated_at=document.updated_at,
    )
