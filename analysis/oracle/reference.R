# Reference values of tests that R has too. From this folder: Rscript reference.R
# Debian: apt-get install r-base-core r-cran-coin r-cran-lmertest r-cran-pbkrtest r-cran-metafor r-cran-fnn
# Writes values.csv (case, quantity, value), which tests/test_oracle.py compares with what attnstats says of the same data,
# and versions.txt.
suppressPackageStartupMessages({library(coin); library(lmerTest); library(metafor); library(FNN)})
data <- function(name) read.csv(file.path("data", paste0(name, ".csv")))
rows <- list()
say <- function(case, ...) {
  found <- list(...)
  for (name in names(found)) rows[[length(rows) + 1]] <<- data.frame(case = case, quantity = name, value = as.numeric(found[[name]]))
}

d <- data("pairs")
for (method in c("kendall", "spearman")) for (side in c("two.sided", "greater")) {
  found <- cor.test(d$x, d$y, method = method, exact = TRUE, alternative = side)
  say(paste(method, "exact,", side), estimate = found$estimate, p = found$p.value)
}
d <- data("tied_pairs")
found <- suppressWarnings(cor.test(d$x, d$y, method = "kendall", exact = FALSE))
say("kendall, ties", estimate = found$estimate, p = found$p.value)
found <- suppressWarnings(cor.test(d$x, d$y, method = "spearman", exact = FALSE))
say("spearman, ties", estimate = found$estimate, p = found$p.value)

d <- as.matrix(data("blocks"))
found <- friedman.test(d)
n <- nrow(d); k <- ncol(d)
f <- (n - 1) * found$statistic / (n * (k - 1) - found$statistic)  # Iman and Davenport 1980
say("friedman", chi2 = found$statistic, p_chi2 = found$p.value, F = f, p_F = pf(f, k - 1, (k - 1) * (n - 1), lower.tail = FALSE))
long <- data.frame(y = as.vector(d), condition = ordered(rep(1:k, each = n)), block = factor(rep(1:n, k)))
found <- friedman_test(y ~ condition | block, data = long, alternative = "greater")  # ordered: Page's test
say("page, normal", p = pvalue(found))

d <- data("ordered_groups")  # Jonckheere's statistic is Kendall's S of values and groups, ties and all
found <- suppressWarnings(cor.test(d$group, d$value, method = "kendall", exact = FALSE, alternative = "greater"))
say("jonckheere, normal", p = found$p.value)

d <- data("two_conditions")
found <- t.test(d$a, d$b, paired = TRUE)
say("paired t interval", low = found$conf.int[1], high = found$conf.int[2])
tost <- function(margin, ...) max(
  t.test(d$a, d$b, mu = -margin, alternative = "greater", ...)$p.value, t.test(d$a, d$b, mu = margin, alternative = "less", ...)$p.value)
say("equivalence, paired", p = tost(0.5, paired = TRUE))
say("equivalence, Welch", p = tost(0.5))
found <- escalc(measure = "SMD", m1i = mean(d$a), m2i = mean(d$b), sd1i = sd(d$a), sd2i = sd(d$b), n1i = 14, n2i = 14)
say("hedges g, independent", g = found$yi)

d <- data("binary")
counts <- table(factor(d$a, 0:1), factor(d$b, 0:1))
only <- c(counts[2, 1], counts[1, 2])
exact <- binom.test(only[1], sum(only))$p.value
say("mcnemar", exact = exact, mid_p = exact - dbinom(only[1], sum(only), 0.5))
found <- prop.test(sum(d$a), nrow(d), correct = FALSE)
say("wilson", low = found$conf.int[1], high = found$conf.int[2])

p <- data("pvalues")$p
for (method in c("holm", "hochberg", "hommel", "bonferroni", "BH", "BY"))
  for (at in seq_along(p)) say(paste("adjusted by", method), p = p.adjust(p, method)[at])

d <- data("studies")
for (method in c("REML", "DL", "PM")) {
  found <- rma(d$effect, d$variance, method = method, test = "knha", control = list(threshold = 1e-12, tol = 1e-12))
  say(paste("meta-analysis,", method), mean = found$beta, tau2 = found$tau2, p = found$pval, low = found$ci.lb, high = found$ci.ub,
      Q = found$QE, p_Q = found$QEp)
}

d <- data("crossed")
d$run <- factor(d$run); d$item <- factor(d$item)
fit <- lmer(value ~ condition + (1 | run) + (1 | item), data = d, REML = TRUE,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
found <- contest1D(fit, c(0, 1), ddf = "Kenward-Roger")
variances <- as.data.frame(VarCorr(fit))
say("mixed model", difference = found$Estimate, df = found$df, p = found[["Pr(>|t|)"]],
    run = variances$vcov[variances$grp == "run"], item = variances$vcov[variances$grp == "item"],
    residual = variances$vcov[variances$grp == "Residual"])

d <- data("information")
say("KSG, k = 3", information = mutinfo(d$x, d$y, k = 3, direct = TRUE))

write.csv(do.call(rbind, rows), "values.csv", row.names = FALSE, quote = 1)
packages <- c("coin", "lmerTest", "lme4", "pbkrtest", "metafor", "FNN")
writeLines(c(R.version.string, sapply(packages, function(each) paste(each, packageVersion(each)))), "versions.txt")
