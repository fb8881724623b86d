"""A rep's own day as one sheet: who to call next and why, what is done and left, what changed hands.

`sheet_of` returns plain dicts and lists that `json.dumps` takes as they are; the phone page and the offline copy show it. Dates are ISO
text (2026-07-01), money in the unit of the account list a year, distances straight lines from the rep's base [km]. In an account a field
that is unknown is left out; everywhere else it is null. `rank` counts from 1 in the order of the list (F39).

    {
      "version": 1,
      "as_of": "2026-07-01",
      "rep": {"id": "R01", "name": "Jo Fenn", "role": "outside"},
      "published": {"name": "Autumn", "since": "2026-07-01", "cycle": "2026 Q3"} | null,
      "day_off": "vacation" | null,                     # why the rep makes no calls today: day off, holiday, training
      "accounts": [                                     # in the order to call them
        {"rank": 1, "id": "A0001", "name": "Tarn Mills", "tier": "A", "status": "customer",    # customer | prospect
         "street": "1 Mill Road", "city": "Ohio", "state": "OH", "postal_code": "43001", "phone": "(614) 555-0117",
         "lat": 40.1, "lon": -82.7, "value": 120000, "km": 18.2,
         "standing": "overdue",                         # never | overdue | due | not_due | no_plan
         "reason": "A, 4 days late, 18 km",
         "due": "2026-06-27", "days_late": 4,           # due: left out when never called or no plan; days_late: left out when 0
         "channel": "visit",                            # what to preset when a call is logged
         "last": {"date": "2026-06-20", "channel": "visit", "outcome": "met", "by": "Jo Fenn" | null},
         "lines": [{"channel": "visit", "cadence": "weekly", "planned": 13, "made": 3, "left": 10}]}      # of this period; may be []
      ],
      "attainment": {"start": "2026-07-01", "end": "2026-09-30",
                     "tiers": [{"tier": "A", "planned": 26, "made": 25, "capped": 21, "share": 0.8077}],  # share: capped / planned | null
                     "total": {"planned": 38, "made": 34, "capped": 30, "share": 0.7895, "left": 8, "any_contact": 31},
                     "why": null},                      # why share is null, in one sentence
      "pace": {"expected": 19.2, "made": 18, "on_pace": true | false | null, "why": null},
      "changes": {"date": "2026-07-01" | null, "kept": 120,
                  "gained": [{"id": "A0009", "name": "…", "tier": "B", "reason": "…" | null, "other": "Max Ruck" | null}],   # other: who
                  "lost": [{"id": "A0010", "name": "…", "reason": "…" | null, "other": "Max Ruck" | null}]},   # had it, or has it now
      "requests": [{"id": "…", "account": "A0001", "name": "…", "kind": "tier" | "owner", "wish": "B" | null, "reason": "…",
                    "asked": "2026-06-30", "state": "open" | "accepted" | "declined", "answer": "…" | null}],
      "log": [{"id": "…", "account": "A0001", "name": "…" | null, "date": "2026-06-30", "channel": "visit", "outcome": "met",
               "minutes": 30 | null, "note": "…" | null}],                        # own calls of 14 days, newest first
      "utilisation": 1.23 | null                        # hours of the plan over hours there are (F16), only above 1.15
    }
"""

from __future__ import annotations
