"""How a chosen sentence is worded, and whether it can be read without the one before it.

A sentence loses what ties it to its old place and what is said in passing: a dateline ("LONDON (Reuters) - ",
"本报讯"), a leading connective ("However,", "但是，"), brackets, and a long sentence a relative clause too.
Nothing is reworded. What begins with a pronoun after that ("He", "This", "他", "这") leans on the sentence before it.
"""

import re

from nlp.text import UNIT, has_han, length

_LONG = 30  # words or Chinese characters from which on a relative clause is given up
LONGEST = 80  # words or Chinese characters of a point; a longer sentence is cut at a comma
_HEADLINE = 40  # words of a headline, or half as many Chinese characters again
_LEFT = 8  # words or Chinese characters that must be left of a sentence, else it stays as it is
_DATELINE = re.compile(
    r"^(?:[A-Z][A-Za-z.,' ]{1,40}\((?:Reuters|AP|AFP|Xinhua|UPI|dpa|CNN)\)\s*[-–—]+\s*|[A-Z][A-Z.,' ]{2,40}\s+[-–—]+\s+"
    r"|(?:本报讯|本网讯|本刊讯|综合消息|(?:新华社|中新社|中新网)[^，。：]{0,20}?电|[^，。：]{2,6}讯(?=\s))"
    r"(?:[（(][^）)]{0,30}[）)])?[\s：:，]*)"
)
_CONNECTIVE = re.compile(
    r"^(?:(?:however|moreover|furthermore|in addition|additionally|nevertheless|nonetheless|therefore|thus|hence|"
    r"consequently|as a result|as a consequence|meanwhile|finally|lastly|also|still|besides|instead|specifically|"
    r"more specifically|in particular|for example|for instance|in fact|indeed|similarly|likewise|accordingly|"
    r"on the other hand|in contrast|by contrast|conversely|then|next|so|first|firstly|second|secondly|third|"
    r"further|overall|in summary|to summarize|in short|in conclusion|again|of course|unfortunately|interestingly|"
    r"notably|importantly|to this end|to that end|to (?:address|tackle|solve|overcome|alleviate|mitigate|remedy) "
    r"(?:this|these|the above)(?: [\w-]+){0,3}|in (?:this|the present) (?:paper|work|article|study)),"
    r"\s+|(?:and|but|so|yet|or)\s+(?!that\b))",
    re.IGNORECASE,
)
_CONNECTIVE_ZH = re.compile(
    "^(?:(?:与此同时|另一方面|总体来看|总的来说|总而言之|换句话说|也就是说|事实上|除此之外|在本文中|此外|另外|同时|接着|然后|最后|"
    "首先|其次|再次|例如|比如|总之|其实|当然|而且|并且|因而|从而|不仅如此|尽管如此|即便如此|相反|反之|一般来说|到了最后)，"
    "|(?:但是|然而|不过|因此|所以|于是|可是)，?|但(?![愿凡丁])，?)"
)
_BRACKETS = re.compile(r"\s+[(\[][^()\[\]]*[)\]](?=[\s,.;:!?]|$)|（[^（）]*）|\s*\[\d+(?:[,–-] ?\d+)*\]")
_RELATIVE = re.compile(r",\s+(?:which|who|whose|where)\b[^,;:—]*(?=,\s)(?:,(?=\s))|,\s+which\b[^,;:—]*(?=[.!?]$)")
_ASIDE = re.compile(r"——[^—。]*——|\s[–—]\s[^–—.]*\s[–—](?=\s)")
_PAUSE = re.compile(r"(?<=\w)[,;:](?=\s)|[，；：]")
_WIDEST = 40  # characters of a word at most, for the time that cutting takes
_LEANS = re.compile(
    r"^[\"“‘']?(?:(?:he|she|they|him|her|his|hers|its|their|theirs|them|these|those|such|both|neither|either|others|another|here|"
    r"the (?:former|latter|two|other|others|same)|some of (?:these|them)|one of (?:these|them)|most of (?:these|them)|"
    r"each of (?:these|them)|none of (?:these|them)|for (?:this|that|these|those)|of (?:this|that|these|those)|"
    r"because of (?:this|that)|after (?:this|that)|"
    r"it(?! (?:is|was|has been|will be|seems|remains|takes|took) [\w ]{0,30}?\b(?:that|to|whether|who)\b)|"
    r"(?:this|that)(?! (?:paper|work|article|study|report|survey|review|thesis|week|weekend|month|year|morning|"
    r"afternoon|evening|spring|summer|autumn|winter|season)\b))\b)",
    re.IGNORECASE,
)
_LEANS_ZH = re.compile(
    "^[“‘「『]?(?:他|她|它|这(?!次会议|份报告|篇)|那(?![曲不坡])|此(?!外)|该(?!不)|其(?![他实])|前者|后者|对此|为此|两者|二者|"
    "上述|以上|同样|这样|如此|否则|彼此|双方)"
)


def leans(sentence: str) -> bool:
    """True where a sentence, its connective left out, begins with a word that stands for something said before it."""
    return (_LEANS_ZH if has_han(sentence[:2]) else _LEANS).match(unconnected(sentence)) is not None


def trim(sentence: str) -> str:
    """A sentence without dateline, leading connective, brackets and, if it is long, clauses said in passing.

    Every word of the result is in the sentence, in its order; the first letter may have become a capital.
    """
    worded = _kept(sentence, unconnected(sentence))
    worded = _kept(worded, _BRACKETS.sub("", worded))
    if length(worded) >= _LONG:
        worded = _kept(worded, _ASIDE.sub("", worded))
        worded = _kept(worded, _RELATIVE.sub("", worded))
    return shorten(worded, LONGEST)


def as_headline(sentence: str) -> str:
    """A sentence trimmed to one short line."""
    line = " ".join(trim(sentence).split())
    return shorten(line, _HEADLINE * 3 // 2 if has_han(line) else _HEADLINE)


def shorten(text: str, limit: int) -> str:
    """`text`, or what of it ends at a comma within `limit` words and Chinese characters, with an ellipsis."""
    if length(text) <= limit:
        return text
    units = list(UNIT.finditer(text, 0, limit * _WIDEST))[: limit + 1]
    end = units[-2].end() if len(units) > limit else limit * _WIDEST
    pauses = [match.start() for match in _PAUSE.finditer(text, end // 3, end + 1)]
    return text[: pauses[-1] if pauses else end].rstrip() + "…"


def has_dateline(text: str) -> bool:
    """True for a text that begins like a report of a news agency."""
    return _DATELINE.match(text) is not None


def unconnected(sentence: str) -> str:
    """A sentence without its dateline and its leading connectives."""
    rest = _DATELINE.sub("", sentence)
    pattern = _CONNECTIVE_ZH if has_han(rest[:2]) else _CONNECTIVE
    while (shorter := pattern.sub("", rest)) != rest and shorter:
        rest = shorter
    return rest[:1].upper() + rest[1:] if rest != sentence else sentence


def _kept(before: str, after: str) -> str:
    """The shorter wording, unless too little is left of it."""
    return after.strip() if length(after) >= min(_LEFT, length(before)) else before
