"""Buttons under summaries: shorter, longer, to ask about it, to keep it for everybody."""

from bot import summary_replies, summary_texts, texts
from bot.handlers.press import Press, Said
from bot.summaries import Change
from bot.wording import Text
from nlp.types import Language
from storage.records import Answer, AnswerKind


async def on_summary(press: Press) -> Said | Text | None:
    """What the button says, done with the summary above it."""
    answer = await _summary(press)
    if answer is None:
        return None
    if press.value in (summary_replies.SHORTER, summary_replies.LONGER):
        return await _again(press, answer)
    if press.value == summary_replies.ASK:
        kept = await press.app.summaries.keep(answer.id, press.seen.incoming.person.id, press.seen.incoming.place)
        return summary_texts.ASKABLE if kept else None
    return await _save(press, answer) if press.value == summary_replies.SAVE else None


async def _summary(press: Press) -> Answer | None:
    async with press.app.database.read() as tx:
        answer = await tx.answers.of_telegram_message(press.seen.incoming.place.chat_id, press.message.message_id)
    return answer if answer is not None and answer.kind is AnswerKind.SUMMARY else None


async def _again(press: Press, answer: Answer) -> Said | Text:
    change: Change = "shorter" if press.value == summary_replies.SHORTER else "longer"
    language: Language = "zh" if answer.language == "zh" else "en"
    made = await press.app.summaries.again(answer.id, change, language)
    return made if isinstance(made, Text) else Said(press.query.data or "", made)


async def _save(press: Press, answer: Answer) -> Text | None:
    if not press.seen.admission.is_admin:
        return texts.ADMINS_ONLY
    kept = await press.app.summaries.keep(answer.id, press.seen.incoming.person.id, None)
    return summary_texts.SAVED if kept else None
