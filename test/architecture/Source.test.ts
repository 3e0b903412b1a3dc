import { describe, expect, it } from "vitest"
import { scanSource } from "./Source.ts"

const importsOf = (text: string) =>
  scanSource("a.ts", text).imports.map(({ specifier, isTypeOnly, isDynamic, line }) =>
    `${line} ${specifier ?? "?"}${isTypeOnly ? " type" : ""}${isDynamic ? " dynamic" : ""}`)

describe("scanSource", () => {
  it("finds every form of import", () => {
    const text = `import a from "a"
import type { B } from 'b'
import { type C } from "c"
import * as d from "d"
import e, { type E,
  f as g } from "e"
import "f"
export * from "g"
export * as h from "h"
export type { I } from "i"
export { j } from "j"
const k = await import("k"); const l = require('l')
let m: typeof import("m"); let n: import("n").N
import(computed + "o"); import(\`p\`)
import type from "q"
export const r = "r"`
    expect(importsOf(text).sort()).toEqual([
      "1 a", "2 b type", "3 c", "4 d", "5 e", "7 f", "8 g", "9 h", "10 i type", "11 j", "12 k dynamic", "12 l dynamic",
      "13 m type dynamic", "13 n type dynamic", "14 ? dynamic", "14 p dynamic", "15 q"
    ].sort())
  })

  it("is not taken in by comments, strings, templates or regular expressions", () => {
    const text = `// import "no1"
/* import "no2"
 */ const a = 'import "no3"' + "it's"
const b = \`import "no4" \${ f({ "}": \`\${"import 'no5'"}\` }) } import "no6"\`
const c = /["'\`/*]\\/[/"]/g.test(x) ? 1 / 2 / 3 : "/" // 'open
const d = x / y; import "yes"
x.import("no7"); y.require("no8"); exportimport = { from: "no9" }`
    expect(importsOf(text)).toEqual(["6 yes"])
    const { code, comments } = scanSource("a.ts", text)
    expect(code).not.toMatch(/no\d/)
    expect(comments).toMatch(/no1[^]*no2/)
    expect(comments).not.toMatch(/no3/)
    expect([code.length, comments.length]).toEqual([text.length, text.length])
    expect(code.split("\n").length).toBe(text.split("\n").length)
  })

  it("comes to an end in broken text", () => {
    for (const text of ["`${", "/*", '"', "'\\", "/[", "}}}`", "import", 'import "', "import("]) {
      expect(scanSource("a.ts", text).code.length).toBe(text.length)
    }
  })
})
