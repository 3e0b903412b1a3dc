import { clusterContract } from "./support/clusterContract.ts"

clusterContract("simulated")
