"""Where a person lives: street lines and postal codes of the United States, Britain and China."""

import re

from nlp.learning.personal.matching import AHEAD, BEHIND, LATIN, Rule, pattern
from nlp.text import HAN

_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|"
    "PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
_UK_AREAS = (
    "AB|AL|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EC|EH|EN|EX|FK|FY|GL|GU|"
    "GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|ME|MK|ML|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|"
    "PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|WS|WV|"
    "YO|ZE|B|E|G|L|M|N|S|W"
)
_UK_POSTCODE = rf"{AHEAD}(?:{_UK_AREAS})\d[\dA-Z]?[ ]?\d(?!GB|TB|HZ|FT|LB|PX|PS|HP)[ABD-HJLNP-UW-Z]{{2}}{BEHIND}"
_STREET = (
    "Street|St|Road|Rd|Avenue|Ave|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Ter|Close|"
    "Crescent|Cres|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Row|Mews|Gardens|Gdns|Grove|Hill|Walk|Trail|Trl|Alley|Plaza|"
    "Broadway|Loop|Park|Wharf|Green|Rise|View|Heights|Path"
)
_PROPER = rf"[A-Z0-9][{LATIN}0-9'.-]*"
_UNIT = r"(?:apartment|apt\.?|unit|suite|ste\.?|flat|room|rm\.?|floor|fl\.?|#)[ ]?#?[A-Za-z]?\d{1,5}[A-Za-z]?"
_TOWN = rf"(?:,[ ]*(?!and|or|but){_PROPER}(?:[ ]{_PROPER}){{0,2}}){{0,3}}"
_ZIP = rf"(?:,?[ ]*(?:{_STATES})[ ]+\d{{5}}(?:-\d{{4}})?)"
_TAIL = (
    rf"\.?(?:,?[ ]+{_UNIT})?{_TOWN}{_ZIP}?(?:,?[ ]*{_UK_POSTCODE.replace(AHEAD, '')})?(?:,?[ ]*\d{{5}}(?:-\d{{4}})?)?"
)
_STREET_LINE = (
    rf"{AHEAD}(?:(?:(?i:flat|unit|apt|apartment)\.?[ ]?\d{{1,5}}[A-Za-z]?,?[ ]+)?)\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,5}})?,?[ ]+"
    rf"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?[ ]+)?(?:{_PROPER}[ ]+){{1,4}}(?:{_STREET}){BEHIND}{_TAIL}"
)
_LOWER_LINE = (
    r"(?<![\d.])(?<![A-Za-z0-9])\d{1,6}[a-z]?[ ]+(?!mile|minute|hour|day|km|lane|hot|best|main road)(?:[a-z']+[ ]+){1,2}"
    rf"(?:street|avenue|boulevard|road|lane|ave|blvd|rd)(?=[,.]|[ ]*$|[ ]+(?:{_UNIT}))(?:[ ,]+{_UNIT})?"
)
_LIVES = (
    r"(?:(?:live|lives|living|reside|resides|stay|staying)[ ]+(?:at|in|on)|address(?:[ ]+is|[ ]*:)|"
    r"(?:ship|send|deliver|post|mail|shipped|delivered)[ ]+(?:(?:it|them|this|that|the \w+|my \w+)[ ]+)?to)[ ]*:?[ ]*"
    rf"(?P<it>(?:{_UNIT}[, ]+)?\d{{1,6}}[A-Za-z]?[ ,]+[{LATIN}][{LATIN}0-9'#.-]*(?:,?[ ]+(?!(?:and|but|so|please|by|within|"
    rf"before|because|today|tomorrow)[ ])[{LATIN}0-9#][{LATIN}0-9'#-]*){{1,10}})"
)
_CITY_STATE = (
    rf"{AHEAD}(?:[A-Z][{LATIN}'.]+[ ]){{0,3}}[A-Z][{LATIN}'.]+,?[ ]+(?:{_STATES}),?[ ]+\d{{5}}(?:-\d{{4}})?(?![\d-])"
)
_ZIP_NAMED = rf"{AHEAD}(?:zip|zip ?code|postal code|postcode|post code)(?:[ ]+is|[ ]*[:=])?[ ]*(?P<it>\d{{5}}(?:-\d{{4}})?|\d{{6}})(?!\d)"
_ZIP_NAMED_ZH = r"(?:邮编|郵編|邮政编码|郵遞區號)[ ]*(?:是|为|為|:)?[ ]*(?P<it>\d{5,6})(?!\d)"
_PO_BOX = rf"{AHEAD}P\.?[ ]?O\.?[ ]?Box[ ]+\d{{1,6}}{BEHIND}"

_NOT_PLACE = "在到址我你他她您住寄的了从從给給离離是请請送把要和跟去找"
_NAME = f"[{HAN}]"
_PROPER_ZH = f"(?:(?![{_NOT_PLACE}]){_NAME})"
_REGIONS = (
    rf"(?:{_PROPER_ZH}{{2,8}}?(?:省|自治区|自治區|特别行政区|市|自治州|盟|区|區|县|縣|旗|镇|鎮|乡|鄉|街道)[ ]?){{0,5}}"
)
_WHICH = r"(?:[\dA-Za-z]{1,6}(?:-\d{1,5}){0,3}|[一二三四五六七八九十百甲乙丙丁]{1,4})"
_PART = r"(?:号楼|號樓|号院|號院|号|號|栋|棟|幢|座|单元|單元|楼|樓|层|層|室|房|户|戶|弄|巷|组|組|队|隊|支路|支)"
_BLOCK = rf"(?:{_PROPER_ZH}{{2,10}}?(?:小区|小區|花园|花園|公寓|大厦|大廈|家园|家園|苑|广场|廣場|新村|宿舍|社区|社區|园区|大楼|城|府|里))"
_INSIDE = (
    rf"(?:[ ,]?(?:{_BLOCK}[ ]?)?{_WHICH}{_PART}){{0,6}}(?:[ ,-]?\d{{1,5}}(?:-\d{{1,4}}){{0,3}}(?![\d{HAN}.%])[室号]?)?"
)
_ROAD_ZH = (
    rf"{_REGIONS}{_PROPER_ZH}{{1,10}}?(?:路|街|大道|道|巷|胡同|弄|村|里)(?:[东南西北中]?[一二三四五六七八九十]?段)?[ ]?"
)
_STREET_ZH = rf"{_ROAD_ZH}{_WHICH}[ ]?(?:号楼|號樓|号院|號院|号|號|弄|栋|棟|幢|组|組|队|隊|支){_INSIDE}"
_HOME_ZH = rf"{_REGIONS}{_BLOCK}[ ]?{_WHICH}(?:号楼|號樓|栋|棟|幢|座|单元|單元|号|號|室|期){_INSIDE}"
_ROOM_ZH = (
    rf"(?<![\dA-Za-z])(?:[\dA-Za-z]{{1,4}}(?:号楼|號樓|栋|棟|幢|座)[ ]?(?:{_WHICH}(?:单元|單元)[ ]?)?(?:[\dA-Za-z]{{1,4}}(?:楼|樓|层|層)[ ]?)?"
    r"\d{2,5}(?:室|房|号|號)?|[\dA-Za-z]{1,4}(?:单元|單元)[ ]?\d{2,5}(?:室|房|号|號)?)(?!\d)"
)
_NAMED_ZH = (
    r"(?:地址|住址|住在|家住|寄到|送到|寄往|家在|我住)[ ]*(?:是|为|為|:)?[ ]*"
    rf"(?P<it>(?=[{HAN}]{{2,12}}(?:省|市|区|區|县|縣|镇|鎮|乡|鄉))[{HAN}\dA-Za-z #-]{{4,50}}?"
    rf"(?:路|街|大道|巷|胡同|弄|村|号|號|楼|樓|室|栋|棟|单元|單元|小区|小區|花园|公寓)(?![{HAN}\dA-Za-z]))"
)

PLACE_RULES = (
    Rule("address", pattern(_STREET_LINE)),
    Rule("address", pattern(_LOWER_LINE, re.MULTILINE)),
    Rule("address", pattern(_LIVES, re.IGNORECASE)),
    Rule("address", pattern(_CITY_STATE)),
    Rule("address", pattern(_ZIP_NAMED, re.IGNORECASE)),
    Rule("address", pattern(_ZIP_NAMED_ZH)),
    Rule("address", pattern(_PO_BOX, re.IGNORECASE)),
    Rule("address", pattern(_UK_POSTCODE, re.IGNORECASE)),
    Rule("address", pattern(_STREET_ZH)),
    Rule("address", pattern(_HOME_ZH)),
    Rule("address", pattern(_ROOM_ZH)),
    Rule("address", pattern(_NAMED_ZH)),
)
