"""The people of the demo by what they may do, spelled out: not derived from the policy under test."""

STTTT_OFFICERS = {
    "chi.reception", "giang.specialist", "hai.specialist", "dung.head", "binh.leader", "khanh.clerk",
}  # fmt: skip
SGTVT_OFFICERS = {
    "oanh.reception", "quyen.specialist", "phuc.head", "nga.leader", "son.clerk",
}  # fmt: skip
OFFICERS = STTTT_OFFICERS | SGTVT_OFFICERS
STAFF = OFFICERS | {
    "an.appraiser", "lan.analyst", "minh.analyst", "tam.vendor", "uyen.auditor", "viet.admin",
}  # fmt: skip
EVERYONE = STAFF | {"yen.citizen"}

WATCHERS = {"viet.admin", "uyen.auditor"}
ADMINISTRATORS = {"viet.admin"}
OVERSEERS = {"an.appraiser", "binh.leader", *WATCHERS}
DESKS = {"chi.reception", "oanh.reception"}
EDITORS = {
    "lan.analyst", "giang.specialist", "hai.specialist", "dung.head",
    "minh.analyst", "quyen.specialist", "phuc.head",
}  # fmt: skip
STTTT_EDITORS = {"lan.analyst", "giang.specialist", "hai.specialist", "dung.head"}
DRAFTERS = {"lan.analyst", "minh.analyst", "tam.vendor"}
HEADS = {"dung.head", "binh.leader", "phuc.head", "nga.leader"}
CASE_VIEWERS = OFFICERS | {"uyen.auditor"}
STTTT_CASE_VIEWERS = STTTT_OFFICERS | {"uyen.auditor"}
# Of a registration of Sở TT&TT: its own people, and those who see every agency's.
STTTT_REGISTRATION_VIEWERS = STTTT_OFFICERS | {
    "an.appraiser", "lan.analyst", "tam.vendor", *WATCHERS,
}  # fmt: skip
# Of a task of the desk of Sở TT&TT: who does it, and who may hand it over.
TASK_WORKERS = {"chi.reception"}
TASK_HEADS = {"dung.head", "binh.leader"}
