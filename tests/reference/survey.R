# Results of R `survey` that tests/measures/test_against_survey.py quotes.
#
#     Rscript survey.R > survey.Rout 2>&1
#
# It makes a small sample, writes it with its replicate weights to survey_sample.csv, and prints estimates and standard
# errors of H, A, M0, headcounts, contributions and population shares under each kind of design.
suppressPackageStartupMessages(library(survey))
options(digits = 10, width = 120, survey.lonely.psu = "fail")
cat(R.version.string, "; survey", as.character(packageVersion("survey")), "\n")

set.seed(20241115)
n <- 60
d <- data.frame(
  stratum = rep(1:6, each = 10), psu = rep(1:12, each = 5),
  area = sample(c("rural", "urban"), n, TRUE, c(.6, .4)), w = round(runif(n, 0.5, 3), 2),
  a = rbinom(n, 1, .45), b = rbinom(n, 1, .4), c = rbinom(n, 1, .35)
)
# weights 1/2, 1/4, 1/4 and k = 1/2, in quarters
d$score <- (2 * d$a + d$b + d$c) / 4
d$poor <- as.numeric(2 * d$a + d$b + d$c >= 2)
d$cs <- d$score * d$poor
d$ca <- d$a * d$poor; d$cb <- d$b * d$poor; d$cc <- d$c * d$poor
d$count <- d$a + d$b + d$c
d$one <- 1; d$urban <- as.numeric(d$area == "urban")
d$fpc <- c(5, 8, 4, 10, 6, 7)[d$stratum]        # sampling units in the stratum
d$lonely <- ifelse(d$psu == 12, 7, d$stratum)   # strata 6 and 7 keep one unit each

figures <- list(H = list(~poor, ~one), A = list(~cs, ~poor), M0 = list(~cs, ~one), headcount_b = list(~b, ~one),
  censored_b = list(~cb, ~one), contribution_b = list(~I(cb / 4), ~cs), mean_poor = list(~I(count * poor), ~poor),
  group_contribution_urban = list(~I(cs * urban), ~cs), share_urban = list(~urban, ~one))
show <- function(title, design, which = names(figures)) {
  cat("\n##", title, "\n")
  for (name in which) {
    r <- svyratio(figures[[name]][[1]], figures[[name]][[2]], design)
    cat(sprintf("%-26s %.12f %.12f\n", name, as.numeric(coef(r)), as.numeric(SE(r))))
  }
  cat("degf", degf(design), "\n")
}
core <- c("H", "A", "M0", "headcount_b", "censored_b", "contribution_b", "mean_poor")

full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
show("strata, units, weights", full)
show("domain: rural", subset(full, area == "rural"), core)
show("domain: urban", subset(full, area == "urban"), core)
show("units, no strata", svydesign(ids = ~psu, weights = ~w, data = d), core)
show("strata, rows as units", svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = d))
show("simple random sample, weights", svydesign(ids = ~1, weights = ~w, data = d), core)
show("fpc", svydesign(ids = ~psu, strata = ~stratum, weights = ~w, fpc = ~fpc, data = d))

lone <- svydesign(ids = ~psu, strata = ~lonely, weights = ~w, data = d)
cat("\n## lonely: fail\n"); print(tryCatch(svytotal(~poor, lone), error = function(e) conditionMessage(e)))
options(survey.lonely.psu = "certainty"); show("lonely: certainty", lone)
options(survey.lonely.psu = "adjust"); show("lonely: adjust", lone)
lonefpc <- svydesign(ids = ~psu, strata = ~lonely, weights = ~w, fpc = ~fpc, data = transform(d, fpc = ifelse(lonely == 7, 3, fpc)))
show("lonely: adjust, fpc", lonefpc, core)
options(survey.lonely.psu = "fail")

cat("\n## covariances and a difference\n")
m <- svyby(~poor, ~area, full, svymean, covmat = TRUE)
cat(sprintf("%.12f %.12f\n", coef(m), SE(m))); cat(sprintf("cov %.12g\n", vcov(m)[1, 2]))
print(svycontrast(m, c(rural = 1, urban = -1)))

replicates <- list(
  jk1 = as.svrepdesign(svydesign(ids = ~psu, weights = ~w, data = d), type = "JK1"),
  jkn = as.svrepdesign(full, type = "JKn"), brr = as.svrepdesign(full, type = "BRR"),
  fay = as.svrepdesign(full, type = "Fay", fay.rho = 0.3), bootstrap = as.svrepdesign(full, type = "bootstrap", replicates = 20)
)
out <- d[c("stratum", "psu", "area", "w", "a", "b", "c", "fpc", "lonely")]
for (kind in names(replicates)) {
  r <- weights(replicates[[kind]], "analysis")
  r <- round(r, 6)                              # the file holds what is analysed
  colnames(r) <- paste0(kind, seq_len(ncol(r)))
  out <- cbind(out, r)
  old <- replicates[[kind]]
  for (mse in c(TRUE, FALSE)) {
    design <- svrepdesign(data = d, weights = ~w, repweights = r, type = "other", scale = old$scale, rscales = old$rscales, mse = mse, combined.weights = TRUE)
    show(paste0("replicates: ", kind, ", mse=", mse), design)
  }
  cat("scale", old$scale, " rscales", unique(round(old$rscales, 10)), " replicates", ncol(r), "\n")
}
write.csv(out, "survey_sample.csv", row.names = FALSE, quote = FALSE)
