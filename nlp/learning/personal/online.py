"""Marks that a person leaves online: addresses of mail and network, handles, links with a secret in them, keys."""

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from nlp.learning.personal.matching import AHEAD, BEHIND, Rule, pattern
from nlp.text import HAN

_PROVIDERS = (
    "gmail|googlemail|outlook|hotmail|live|msn|yahoo|icloud|me|aol|proton|protonmail|gmx|qq|163|126|sina|sohu|foxmail|"
    "yeah|139|189|aliyun|zoho|yandex|mail"
)
_AT = r"(?:[ ]*@[ ]*|[ ]*[\[({<#*][ ]*(?:at|@|艾特)[ ]*[\])}>#*][ ]*|[ ]*艾特[ ]*)"
_DOT = r"(?:\.|[ ]*[\[({<][ ]*(?:dot|\.|点|點)[ ]*[\])}>][ ]*|[ ]+dot[ ]+|[ ]?(?:点|點)[ ]?|[ ]\.[ ]?|\.[ ])"
_LOCAL = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+][A-Za-z0-9._%+'-]{0,63}"
_DOTTED_LOCAL = rf"{_LOCAL}(?:(?:[ ]+dot[ ]+|[ ]*[\[(]dot[\])][ ]*)[A-Za-z0-9_%+-]+)*"
_LABEL = "[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_MAIL = rf"{_DOTTED_LOCAL}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}{_DOT}[A-Za-z]{{2,24}}{BEHIND}"
_SPOKEN_MAIL = rf"{_DOTTED_LOCAL}[ ]+at[ ]+{_LABEL}(?:[ ]*[\[( ][ ]*dot[ ]*[\]) ][ ]*[A-Za-z]{{2,24}}){{1,3}}{BEHIND}"
_PROVIDED_MAIL = rf"{_DOTTED_LOCAL}[ ]+at[ ]+(?:{_PROVIDERS})\.[a-z]{{2,4}}(?:\.[a-z]{{2}})?{BEHIND}"
_NATIVE_MAIL = rf"[A-Za-z0-9._{HAN}-]{{1,32}}@[A-Za-z0-9{HAN}-]+\.[A-Za-z{HAN}]{{2,12}}"

_URL = rf"(?:[A-Za-z][A-Za-z0-9+.-]{{1,15}}://|www\.)[^\s<>\"'“”‘’（）{HAN}，。；、]+"
_BARE_LINK = rf"{AHEAD}(?:t\.me|telegram\.me|wa\.me|discord\.gg)/[^\s<>\"'{HAN}，。；、]+"
_TELLING_KEY = re.compile(
    r"token|key|sig|auth|sess|user|uid|(?:^|_)id$|mail|phone|mobile|tel$|code|passw|pwd|secret|name|account|card|openid|"
    r"ticket|invite|jwt|cookie|addr",
    re.IGNORECASE,
)
_PROFILES = re.compile(
    r"(?:^|\.)(?:t\.me|telegram\.me|wa\.me|twitter\.com|x\.com|instagram\.com|facebook\.com|weibo\.com|discord\.gg)$|"
    r"(?:^|\.)linkedin\.com$",
    re.IGNORECASE,
)
_SECRET = re.compile(r"(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{16,}")
_SLUG = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+|v?\d+)(?:[-_](?:[A-Z]?[a-z]+|[A-Z]+|v?\d+))+")
_KNOWN_HOSTS = frozenset(
    "0.0.0.0 127.0.0.1 1.1.1.1 8.8.8.8 8.8.4.4 114.114.114.114 192.168.0.1 192.168.1.1 ::1 ::".split()
)

_KEYS = (
    r"\d{6,12}:[A-Za-z0-9_-]{30,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{12,}|"
    r"xox[abeprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}|LTAI[A-Za-z0-9]{12,}|"
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"(?=[A-Za-z_+]*\d)(?=[\d_+]*[A-Za-z])[A-Za-z0-9_+]{32,}={0,2}"
)
_PASSWORD = (
    rf"(?:{AHEAD}(?:password|passwd|passcode|pwd|pin|api[ _-]?key|access[ _-]?key|token|secret|bearer|otp)|"
    r"密码|密碼|口令|密钥|密鑰|验证码|驗證碼|令牌)[ ]*(?:(?:code|is|was|[:=]|是|为|為)[ ]*){0,3}"
    r"(?P<it>(?=[^\s\d]{0,40}\d)[!-~]{4,}(?<![.,;!?]))"
)
_ASSIGNED = rf"{AHEAD}(?:password|passwd|pwd|api[_-]?key|secret|token)=(?P<it>[!-~]{{3,}})"
_NOT_HANDLES = (
    "property|dataclass|staticmethod|classmethod|override|media|import|param|return|returns|autowired|everyone|here|all|"
    "channel|bean|test|component|service|controller|app|pytest|decorator|keyframes|charset|supports|include|deprecated|"
    "see|throws|author|since|version|latest|types|angular|babel|vue|nestjs|abstractmethod|cached_property|lru_cache|cache"
)
_HANDLE = rf"(?<![A-Za-z0-9@/._-])@(?!(?:{_NOT_HANDLES})(?![A-Za-z0-9_]))[A-Za-z][A-Za-z0-9_]{{3,31}}(?![A-Za-z0-9_(/]|\.[a-z])"
_CHINESE_HANDLE = rf"(?<![A-Za-z0-9@/._-])@(?!所有人|全体)[{HAN}]{{2,4}}(?![{HAN}])"
_ACCOUNT = (
    rf"(?:{AHEAD}(?:wechat|weixin|qq|skype|line id|telegram|whatsapp|discord|snapchat|instagram|ins)|微信|威信)"
    r"[ ]*(?:(?:id|account|handle|username|号码?|號碼?|账号|是|为|为|is|[:=])[ ]*){1,3}"
    r"(?P<it>@?(?:[A-Za-z][A-Za-z_-]*\d[\w-]*|[A-Za-z]+[_-][A-Za-z0-9_-]+|\d{5,12}))(?![A-Za-z0-9_-])"
)


def _tells_of_a_person(url: str) -> bool:
    """True for a link that signs somebody in, invites, or shows one person's page."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = parts.hostname or ""
    except ValueError:  # a malformed address of the network: nothing in it can be trusted to be harmless
        return True
    if parts.username or parts.password or _is_private_host(host):
        return True
    in_path = any(map(_is_secret, parts.path.split("/")))
    return in_path or bool(_PROFILES.search(host) and parts.path.strip("/")) or _has_telling_query(parts)


def _is_secret(part: str) -> bool:
    """True for a long part of a link with letters and figures that is not a title such as `10-best-places-in-rome`."""
    return bool(_SECRET.fullmatch(part)) and not _SLUG.fullmatch(part)


def _has_telling_query(parts: SplitResult) -> bool:
    pairs = parse_qsl(parts.query, keep_blank_values=False) + parse_qsl(parts.fragment)
    return any(_TELLING_KEY.search(key) or _is_secret(value) or "@" in value for key, value in pairs)


def _is_private_host(host: str) -> bool:
    return _is_personal_ip(host) if re.fullmatch(r"[\d.]+|[0-9a-f:]*:[0-9a-f:]*", host) else False


def _is_personal_ip(text: str) -> bool:
    """True for an address of the network, except those that everybody's machine has or asks."""
    try:
        return str(ipaddress.ip_address(text)) not in _KNOWN_HOSTS and not text.startswith("255.")
    except ValueError:
        return False


_IPV4 = (
    r"(?<![\d.])(?<![vV])(?<!version )(?<!Version )(?<!版本)(?<!版本 )(?<!版本号)\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)"
)
_IPV6 = r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])"
_MAC = r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![0-9A-Za-z:-])"

ONLINE_RULES = (
    Rule("key", pattern(rf"{AHEAD}(?:{_KEYS})(?![A-Za-z0-9_-])")),
    Rule("key", pattern(_PASSWORD, re.IGNORECASE)),
    Rule("key", pattern(_ASSIGNED, re.IGNORECASE)),
    Rule("url", pattern(_URL, check=_tells_of_a_person)),
    Rule("url", pattern(_BARE_LINK)),
    Rule("email", pattern(_MAIL, re.IGNORECASE)),
    Rule("email", pattern(_SPOKEN_MAIL, re.IGNORECASE)),
    Rule("email", pattern(_PROVIDED_MAIL, re.IGNORECASE)),
    Rule("email", pattern(_NATIVE_MAIL)),
    Rule("ip", pattern(_IPV4, check=_is_personal_ip)),
    Rule("ip", pattern(_IPV6, check=_is_personal_ip)),
    Rule("ip", pattern(_MAC)),
    Rule("handle", pattern(_HANDLE, re.IGNORECASE)),
    Rule("handle", pattern(_CHINESE_HANDLE)),
    Rule("handle", pattern(_ACCOUNT, re.IGNORECASE)),
    Rule("handle", pattern(r"(?<![A-Za-z0-9])wxid_[A-Za-z0-9_-]{4,}")),
)
