# Results of R `survey` that tests/measures/test_income.py quotes.
#
#     Rscript income.R > income.Rout 2>&1
#
# It makes up a sample of incomes, writes it with its replicate weights to income_sample.csv, and prints indices of
# poverty and inequality with standard errors: means by linearisation, and every index, written here by its definition
# over pairs of people, under replicate weights, relative lines worked out again under each.
suppressPackageStartupMessages(library(survey))
options(digits = 10, width = 120)
cat(R.version.string, "; survey", as.character(packageVersion("survey")), "\n")
set.seed(7)
n <- 240
d <- data.frame(stratum = rep(1:4, each = 60), psu = rep(1:24, each = 10))
d$area <- ifelse(d$psu %% 3 == 0, "urban", "rural")
d$income <- round(exp(7 + 0.2 * (d$psu %% 5) + rnorm(n, 0, 0.7)), -1) + 10
d$w <- round(runif(n, 0.5, 3), 2)

gini <- function(y, w) sum(outer(w, w) * abs(outer(y, y, "-"))) / (2 * sum(w)^2 * (sum(w * y) / sum(w)))
quant <- function(y, w, p) { o <- order(y); y[o][which(cumsum(w[o]) >= p * sum(w) - 1e-9)[1]] }
indices <- function(y, w, z) {
  poor <- y <= z; gap <- pmax(1 - y / z, 0); m <- function(x) sum(w * x) / sum(w)
  h <- m(poor); i <- m(gap) / h
  q1 <- quant(y, w, .2); q4 <- quant(y, w, .8)
  c(FGT0 = h, FGT1 = m(gap), FGT2 = m(gap^2), watts = m(log(z / pmin(y, z))),
    sen = h * (i + (1 - i) * gini(y[poor], w[poor])), sst = m(gap) * (1 + gini(gap, w)),
    gini = gini(y, w), qsr = sum((w * y)[y > q4]) / sum((w * y)[y <= q1]))
}
line <- function(name, ...) cat(sprintf("%-10s", name), sprintf("%.12f", c(...)), "\n")

full <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = d)
z <- 1100
d2 <- update(full, FGT0 = as.numeric(income <= z), FGT1 = pmax(1 - income / z, 0), FGT2 = pmax(1 - income / z, 0)^2,
             watts = log(z / pmin(income, z)))
for (area in c("rural", "urban")) {
  cat("\n## linearised, line 1100:", area, "\n")
  for (v in c("FGT0", "FGT1", "FGT2", "watts")) {
    m <- svymean(as.formula(paste0("~", v)), d2[d$area == area, ]); line(v, coef(m), SE(m))
  }
}
rep <- as.svrepdesign(full, type = "JKn", mse = TRUE)
r <- weights(rep, "analysis"); colnames(r) <- paste0("jkn", seq_len(ncol(r)))
write.csv(cbind(d, round(r, 9)), "income_sample.csv", row.names = FALSE)
design <- svrepdesign(data = d, weights = ~w, repweights = round(r, 9), type = "other", scale = rep$scale,
                      rscales = rep$rscales, mse = TRUE, combined.weights = TRUE)
lines <- list("1100" = function(y, w) 1100, "60% median" = function(y, w) .6 * quant(y, w, .5),
              "50% mean" = function(y, w) .5 * sum(w * y) / sum(w), "20% quantile" = function(y, w) quant(y, w, .2))
for (name in names(lines)) for (area in c("rural", "urban")) {
  cat("\n## replicates, line ", name, ": ", area, "\n", sep = "")
  own <- d$area == area
  f <- withReplicates(design, function(w, data)
    indices(data$income[own], w[own], lines[[name]](data$income, w)))
  for (v in names(coef(f))) line(v, coef(f)[v], SE(f)[names(coef(f)) == v])
}
cat("\nrscales", unique(rep$rscales), "scale", rep$scale, "\n")
