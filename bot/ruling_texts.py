"""Words for what the gate says of retriever, thresholds and generator, in English and Chinese. Markup as in
`bot.texts`."""

from bot.wording import Text

SERVES = Text(
    "**The new version is better and worse nowhere: it can serve.**", "**新版本更好，且没有变差的地方：可以上线。**"
)
REPLACES = Text(
    "**The new version holds nothing of what was to be forgotten: it can serve.**",
    "**新版本不含需要遗忘的内容：可以上线。**",
)
KEPT_OUT = {
    "worse": Text(
        "**The new version is kept out: it is worse at {measure} ({where}).**",
        "**新版本不予上线：{where}的{measure}变差。**",
    ),
    "no_gain": Text(
        "**The new version is kept out: it is nowhere better by more than chance.**",
        "**新版本不予上线：没有超出偶然的进步。**",
    ),
    "leaked": Text(
        "**The new version is kept out: it says {count} phrases by heart that it must not know.**",
        "**新版本不予上线：它背下了 {count} 句不该知道的话。**",
    ),
}
SETS = {
    "held out": Text("held-out questions", "留出的问题"),
    "fixed": Text("questions about the manual", "关于手册的问题"),
}
LANGUAGES = {"en": Text("English", "英文"), "zh": Text("Chinese", "中文")}
WHERE = Text("{set}, {part}", "{part}{set}")
MEASURES = {
    "dense recall@1": Text("the first hit by meaning", "按语义检索的首条命中率"),
    "dense recall@5": Text("the first five by meaning", "按语义检索的前五条命中率"),
    "dense mrr@10": Text("the order by meaning", "按语义检索的排序"),
    "fused recall@1": Text("the first hit of the search", "检索的首条命中率"),
    "fused recall@5": Text("the first five of the search", "检索的前五条命中率"),
    "fused mrr@10": Text("the order of the search", "检索的排序"),
    "right decisions": Text("answering or refusing rightly", "该答则答、该拒则拒"),
    "preferred": Text("preferring liked answers", "偏好好评回答"),
    "likelihood": Text("likelihood of liked answers (nats)", "好评回答的似然（nat）"),
    "supported": Text("saying what the sources support", "内容有来源支持"),
}
OUTCOMES = {
    "better": Text("better", "更好"),
    "as_good": Text("as good", "相当"),
    "worse": Text("worse", "变差"),
    "unknown": Text("too few to tell", "样本太少"),
}
LINE = Text(
    "{measure}, {where}: {before} → `{after}` ({outcome}, {items} items)",
    "{where}·{measure}：{before} → `{after}`（{outcome}，{items} 项）",
)
