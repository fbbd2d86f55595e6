# Results of R `survey` that tests/measures/test_change.py quotes: changes between two groups of survey_sample.csv, which
# are taken as two waves that share their sampling units.
#
#     Rscript change.R > change.Rout 2>&1
suppressPackageStartupMessages(library(survey))
options(digits = 12, width = 120)
cat(R.version.string, "; survey", as.character(packageVersion("survey")), "\n")
d <- read.csv("survey_sample.csv")
d$poor <- as.numeric(2 * d$a + d$b + d$c >= 2)
d$cs <- (2 * d$a + d$b + d$c) / 4 * d$poor
d$one <- 1
full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
for (figure in list(list("H", ~poor, ~one), list("A", ~cs, ~poor), list("M0", ~cs, ~one))) {
  m <- svyby(figure[[2]], ~area, full, svyratio, denominator = figure[[3]], covmat = TRUE)
  b <- c(coef(m)); v <- vcov(m); names(b) <- c("rural", "urban"); dimnames(v) <- list(names(b), names(b))
  levels <- structure(b, var = v); class(levels) <- "svystat"
  cat("\n##", figure[[1]], "\n")
  show <- function(kind, r) cat(sprintf("%-16s %.12f %.12f\n", kind, as.numeric(coef(r)), as.numeric(SE(r))))
  show("absolute", svycontrast(levels, quote(urban - rural)))
  show("relative", svycontrast(levels, quote(urban / rural - 1)))
  show("annual_absolute", svycontrast(levels, quote((urban - rural) / 4.5)))
  show("annual_relative", svycontrast(levels, quote((urban / rural)^(1 / 4.5) - 1)))
}
