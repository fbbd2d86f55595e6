# %% [markdown]
# # A commune in a notebook
#
# A percent script: open it as a notebook (VS Code, Jupytext, Spyder), or run it: `python examples/notebook.py`.
# Everybody in it is made up.

# %%
import pandas as pd

import mdpoverty as mdp
from mdpoverty import examples

pd.set_option("display.width", 120, "display.max_columns", 12, "display.precision", 3)
REVIEW_DAY = "2024-11-15"

# %% [markdown]
# ## The data
#
# One table of households, one of their members, joined by `household_id`. Here both are pandas; polars and Arrow tables
# and dicts of arrays do as well, and what comes back is of the same kind.

# %%
households, members = examples.commune(1200)
print(households[["household_id", "village", "area", "income", "household_size", "toilet"]].head())
print(members[["household_id", "age", "sex", "employment", "insured", "attending"]].head())

# %% [markdown]
# ## Classes
#
# `open` are the households whose class still hangs on a missing answer. They are never guessed.

# %%
vn = mdp.standards.on(REVIEW_DAY)
assessment = vn.classify(households, members, date=REVIEW_DAY)
print(assessment.counts(by="area").to_string(index=False))

# %% [markdown]
# ## One row for each household
#
# In the order and with the index of `households`, so the two can be put side by side.

# %%
results = assessment.to_frame()
print(results[["household_id", "category", "possible", "deprivations", "deprivations_max"]].head())

# %% [markdown]
# What do poor households lack? A missing flag is neither yes nor no: `mean()` leaves it out, and the second column says
# of how many households the answer isn't known.

# %%
poor = results[results["category"] == "poor"]
lacking = poor[list(vn.indicators)]
table = pd.DataFrame({"deprived": lacking.mean().astype(float), "not known": lacking.isna().sum()})
table.insert(0, "indicator", [indicator.label.en for indicator in vn.indicators.values()])
print(table.sort_values("deprived", ascending=False).to_string())

# %% [markdown]
# Income and deprivations side by side, by village:

# %%
joined = households.assign(category=results["category"], deprivations=results["deprivations"])
print(joined.groupby("village", observed=True)[["income", "deprivations"]].mean().round(2).head())

# %% [markdown]
# ## Why?
#
# The verdict of one row, from the same rules: in Vietnamese for the officer, in English, as a dict, with its citations.

# %%
verdict = assessment.explain(poor["household_id"].iloc[0])
print(verdict.text("en"))

# %% [markdown]
# What must be asked to settle the open households? Count the questions over all of them:

# %%
still_open = results[results["category"].isna()]
questions = pd.Series(
    [ask.label.en for key in still_open["household_id"] for ask in assessment.explain(key).ask], dtype="str"
)
print(questions.value_counts().head())

# %% [markdown]
# ## A rule of your own
#
# Every part of a standard can be scored alone, and so can a rule that you write: 0 is no, 1 unknown, 2 yes.

# %%
from mdpoverty.scorers import any_member, column  # noqa: E402  # beside its use, as one writes in a notebook

uninsured_child = any_member((column("age") < 6) & ~column("insured"))
print(pd.Series(uninsured_child.score(households, members)).value_counts().sort_index())
print(pd.Series(vn.dimensions["health"].score(households, members)).value_counts().sort_index())

# %% [markdown]
# ## What to keep beside the numbers
#
# The receipt says by which version, standard, revision and inputs the result came about.

# %%
for name, value in assessment.receipt.to_dict().items():
    print(f"{name}: {value}")
