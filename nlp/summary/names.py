"""Words that tell people and places in text without a model: titles, surnames, and well-known places."""

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

# After or before these, capitalised words are a person's name.
TITLES = (
    "Mr Mrs Ms Miss Dr Prof Professor President Minister Mayor Judge Captain Sir Lady Lord King Queen Prince Princess "
    "Pope Senator Councillor Chancellor Governor General Colonel Inspector Madame Monsieur Sister Father Chairman"
).split()
ROLES = (
    "director librarian president minister mayor chair chairman chairwoman head founder professor teacher champion "
    "grandmaster author writer officer doctor engineer manager secretary spokesman spokeswoman spokesperson leader "
    "duke judge electrician headmaster headmistress scientist researcher economist analyst lawyer architect artist "
    "singer actor actress coach captain owner farmer chief executive senator governor ambassador historian biologist "
    "physicist chemist nurse editor reporter journalist neighbour resident student pupil keeper poet painter composer"
).split()
ROLES_ZH = (
    "董事长 理事长 总经理 负责人 发言人 高中生 邮递员 班主任 创始人 工程师 修表匠 局长 馆长 经理 教授 主任 居民 记者 "
    "市长 县长 社长 学生 医生 老师 校长 总统 总理 首相 部长 专家 院士 队长 委员 主席 书记 会长 院长 律师 村民 作家 "
    "导演 演员 歌手 选手 船长 省长 镇长 村长 秘书 会计 社员 科学家 研究员 博士 先生 女士 店主 诗人 画家"
).split()
TITLES_ZH = "老师 先生 女士 教授 医生 经理 局长 博士 主任 校长 市长 总统 总理 首相 太太 师傅".split()
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔"
    "伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙"
    "鲍华喻祁"
)
# Capitalised words that end the name of an organisation or thing, never of a person.
NOT_PEOPLE = (
    "University Department Council Company Bank Party Street Road Lane Bridge River Court Valley Crossings Church "
    "School Museum Office Institute College Hospital Club Union League Association Committee Agency Ministry Group "
    "Market Island Islands County City Town Park Square Lake Bay Revolution War Ages Sea Ocean Street Quay"
).split()
GEOGRAPHIC = (
    "Street Road Lane Bridge River Valley Island Islands County City Park Square Lake Bay Market Province Mountains "
    "Peninsula Sea Ocean Coast Desert Quay Hills Harbour Airport District"
).split()
PLACES = frozenset(
    (
        "Afghanistan,Africa,Algeria,America,Amsterdam,Anatolia,Argentina,Asia,Athens,Australia,Austria,Baghdad,Bangkok,"
        "Bangladesh,Barcelona,Beijing,Belgium,Berlin,Boston,Brazil,Britain,Brussels,Budapest,Bulgaria,Cairo,California,"
        "Canada,Chicago,Chile,China,Chongqing,Colombia,Copenhagen,Croatia,Cuba,Damascus,Delhi,Denmark,Dubai,Dublin,"
        "Edinburgh,Egypt,England,Estonia,Ethiopia,Europe,Finland,Florida,France,Gaza,Geneva,Germany,Greece,Guangdong,"
        "Guangzhou,Hamburg,Hong Kong,Hungary,Iceland,India,Indonesia,Iran,Iraq,Ireland,Israel,Istanbul,Italy,Jakarta,"
        "Japan,Jerusalem,Jordan,Kenya,Kyiv,Latvia,Lebanon,Libya,Lisbon,Lithuania,London,Los Angeles,Macau,Madrid,"
        "Malaysia,Melbourne,Mexico,Milan,Montreal,Morocco,Moscow,Mumbai,Munich,Nepal,Netherlands,New York,New Zealand,"
        "Nigeria,North Korea,Northern Ireland,Norway,Oslo,Pakistan,Paris,Peru,Philippines,Poland,Portugal,Prague,Rome,"
        "Romania,Russia,Sahara,San Francisco,Saudi Arabia,Scotland,Seoul,Serbia,Shanghai,Shenzhen,Sichuan,Singapore,"
        "Slovakia,Slovenia,South Africa,South Korea,Spain,Stockholm,Sudan,Sweden,Switzerland,Sydney,Syria,Taipei,"
        "Taiwan,Texas,Thailand,Tibet,Tokyo,Toronto,Tunisia,Turkey,Ukraine,United Kingdom,United States,Vienna,Vietnam,"
        "Wales,Warsaw,Washington,Xinjiang,Yemen,Zurich"
    ).split(",")
)
PLACES_ZH = (
    "黑龙江 内蒙古 北京 天津 上海 重庆 河北 山西 辽宁 吉林 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 "
    "四川 贵州 云南 陕西 甘肃 青海 台湾 广西 西藏 宁夏 新疆 香港 澳门 广州 深圳 南京 杭州 苏州 武汉 成都 西安 郑州 "
    "青岛 大连 沈阳 长春 哈尔滨 济南 合肥 福州 厦门 南昌 长沙 南宁 海口 昆明 贵阳 拉萨 兰州 西宁 银川 乌鲁木齐 石家庄 "
    "太原 台北 高雄 泸州 运城 中国 美国 英国 法国 德国 日本 韩国 朝鲜 俄罗斯 乌克兰 意大利 西班牙 葡萄牙 荷兰 比利时 "
    "瑞士 瑞典 挪威 丹麦 芬兰 波兰 希腊 土耳其 埃及 南非 印度 巴基斯坦 泰国 越南 新加坡 马来西亚 印度尼西亚 菲律宾 "
    "澳大利亚 新西兰 加拿大 墨西哥 巴西 阿根廷 以色列 伊朗 伊拉克 沙特阿拉伯 叙利亚 东南亚 欧洲 亚洲 非洲 北美 南美 "
    "伦敦 巴黎 柏林 罗马 东京 纽约 华盛顿 莫斯科 首尔 日内瓦 维也纳 布鲁塞尔 悉尼"
).split()
