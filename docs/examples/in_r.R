# OrgSim from R: the command line answers in JSON; results folders hold Parquet.
#
#   Rscript docs/examples/in_r.R        (needs the R package jsonlite; for Parquet also arrow)

library(jsonlite)

asked <- c("compare", "family_firm", "--structures", "undivided,functional", "--replications", "4",
           "--set", "'time.horizon=\"3 months\"'", "--json", "--quiet", "--out", tempfile())
answer <- fromJSON(paste(system2("orgsim", asked, stdout = TRUE), collapse = "\n"))
print(answer$verdict)

if (requireNamespace("arrow", quietly = TRUE)) {
  runs <- arrow::read_parquet(file.path(asked[length(asked)], "runs.parquet"))
  print(aggregate(satisfaction ~ structure, data = runs, FUN = mean))
}
