#!/usr/bin/env node
// The one file that is not TypeScript. Node keeps stripped and compiled modules in its compile cache, but only of files loaded
// after the cache is on; a first file in TypeScript would load the type stripper on every call, for a third of the whole time.
import * as nodeModule from "node:module"

nodeModule.enableCompileCache?.()
const { main } = await import("../src/main.ts")
await main()
