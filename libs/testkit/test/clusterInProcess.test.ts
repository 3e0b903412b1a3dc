import { clusterContract } from "./support/clusterContract.ts"

clusterContract("inProcess")
