import { fileURLToPath } from "node:url"

const inThisRoom = fileURLToPath(new URL("..", import.meta.url))

const isTest = /\.(test|spec)\.[cm]?[jt]sx?$/

/** The file to run again, from an error's stack: the test, or whoever called the testkit. */
export const callerOf = (stack: string): string | undefined => {
  const callers: Array<string> = []
  for (const line of stack.split("\n").slice(1)) {
    const file = /\(?((?:file:\/\/)?\/[^()]+?|[A-Za-z]:\\[^()]+?):\d+:\d+\)?$/.exec(line.trim().replace(/^at /, ""))?.[1]
    if (file === undefined || file.includes("node_modules") || file.includes("node:")) continue
    const path = file.startsWith("file://") ? fileURLToPath(file) : file
    if (!path.startsWith(inThisRoom)) callers.push(path)
  }
  return callers.find((path) => isTest.test(path)) ?? callers[0]
}

/** One command that runs the test again with the same seed. */
export const replayCommand = (seed: number, file: string | undefined, directory: string): string => {
  const isVitest = process.env["VITEST"] !== undefined
  const path = file?.startsWith(`${directory}/`) === true ? file.slice(directory.length + 1) : file
  return [`TAILRACE_SEED=${seed}`, isVitest ? "npx vitest run" : "node", ...(path === undefined ? [] : [path])].join(" ")
}

/** The seed that such a command sets; none where it is not set, or to nothing. */
export const replayedSeed = (): number | undefined => {
  const text = process.env["TAILRACE_SEED"] ?? ""
  if (text.trim() === "") return undefined
  const seed = Number(text)
  if (!Number.isSafeInteger(seed)) throw new RangeError(`TAILRACE_SEED: "${text}" is not a whole number`)
  return seed
}
