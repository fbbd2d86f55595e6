# Results of R `survey` that tests/measures/test_af_survey.py quotes, beside those of survey.R.
#
#     Rscript intervals.R > intervals.Rout 2>&1
#
# It reads survey_sample.csv, and prints errors with lonely units averaged and with successive differences, confidence
# intervals of several kinds and levels, totals and design effects.
suppressPackageStartupMessages(library(survey))
options(digits = 10, width = 120, survey.lonely.psu = "fail")
cat(R.version.string, "; survey", as.character(packageVersion("survey")), "\n")
d <- read.csv("survey_sample.csv")
d$poor <- as.numeric(2 * d$a + d$b + d$c >= 2)
d$score <- (2 * d$a + d$b + d$c) / 4 * d$poor
d$one <- 1
line <- function(name, ...) cat(sprintf("%-34s", name), sprintf("%.12f", c(...)), "\n")
full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)

cat("\n## lonely: average\n")
options(survey.lonely.psu = "average")
lone <- svydesign(ids = ~psu, strata = ~lonely, weights = ~w, data = d)
for (v in c("poor", "score")) { m <- svymean(as.formula(paste0("~", v)), lone); line(v, coef(m), SE(m)) }
options(survey.lonely.psu = "fail")

cat("\n## successive differences\n")
n <- 16                                            # made up: enough for the factor 4/R
set.seed(5)
f <- sapply(1:n, function(r) c(1, 1.7, 0.3)[1 + (d$psu + r * (d$psu %% 5 + 1)) %% 3])
colnames(f) <- paste0("sdr", 1:n)
r <- round(d$w * f, 6)
sdr <- svrepdesign(data = d, weights = ~w, repweights = r, type = "successive-difference", combined.weights = TRUE, mse = TRUE)
for (v in c("poor", "score")) { m <- svymean(as.formula(paste0("~", v)), sdr); line(v, coef(m), SE(m)) }
cat("degf", degf(sdr), "\n")
write.csv(cbind(d["psu"], r), "sdr_sample.csv", row.names = FALSE)

cat("\n## totals\n")
t <- svytotal(~poor, full); line("poor", coef(t), SE(t)); line("poor, 95 %", confint(t, df = degf(full)))
rural <- svytotal(~poor, subset(full, area == "rural")); line("poor, rural", coef(rural), SE(rural))

cat("\n## intervals of a share\n")
for (method in c("logit", "xlogit", "mean", "beta")) for (level in c(0.9, 0.95, 0.99)) {
  p <- svyciprop(~poor, full, method = method, level = level)
  line(paste(method, level), as.numeric(p), as.numeric(attr(p, "ci")))
}

cat("\n## design effects\n")
for (v in c("poor", "score")) {
  m <- svymean(as.formula(paste0("~", v)), full, deff = "replace"); line(v, deff(m))
}
a <- svyratio(~score, ~poor, full, deff = "replace"); line("A", deff(a))
rural <- svymean(~poor, subset(full, area == "rural"), deff = "replace"); line("poor, rural", deff(rural))
cat("\n## degrees of freedom of a subset\n"); cat("degf", degf(subset(full, area == "rural")), "\n")

cat("\n## what confint and deff print by default\n")
m <- svymean(~poor, full, deff = TRUE)
line("confint", confint(m)); line("deff", deff(m)); line("people, rows", sum(d$w), nrow(d))
cat("\n## a difference of groups\n")
b <- svyby(~score, ~area, full, svymean, covmat = TRUE); k <- svycontrast(b, c(rural = -1, urban = 1))
line("difference", coef(k), SE(k))
