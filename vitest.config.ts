import { defineConfig } from "vitest/config"

/** No test asserts speed: these only end one that hangs, on a machine however slow and busy. */
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 60_000 } })
