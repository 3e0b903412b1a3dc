/** One import or re-export, static or dynamic. */
export interface Import {
  /** Undefined where the argument of a dynamic import is computed. */
  readonly specifier: string | undefined
  /** Erased before the program runs; `import { type A }` is not, since it still loads the module. */
  readonly isTypeOnly: boolean
  readonly isDynamic: boolean
  readonly line: number
}

/** A source file as the rules see it: TypeScript 7 has no compiler API, and a scan of tokens is enough and fast. */
export interface Source {
  readonly path: string
  /** The text with comments and the contents of strings blanked; positions and lines stay. */
  readonly code: string
  /** The comments alone, everything else blanked. */
  readonly comments: string
  readonly imports: ReadonlyArray<Import>
}

export function scanSource(path: string, text: string): Source {
  const { code, comments } = blank(text)
  return { path, code, comments, imports: importsOf(code, text) }
}

export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) line++
  return line
}

/** A slash begins a regular expression where no value can have ended. */
const regexAfter = /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|throw|yield|await|else|do))\s*$/

function blank(text: string): { code: string; comments: string } {
  const code: Array<string> = []
  const comments: Array<string> = []
  const spaces = (part: string): string => part.replace(/[^\n]/g, " ")
  const push = (part: string, kind: "code" | "comment" | "string"): void => {
    code.push(kind === "code" ? part : kind === "comment" ? spaces(part) : part[0] + spaces(part.slice(1, -1)) + part.slice(1).slice(-1))
    comments.push(kind === "comment" ? part : spaces(part))
  }
  // For each template that is open: how many braces are open inside its current ${}.
  const templates: Array<number> = []
  const token = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?|[`{}/]/g
  let at = 0
  while (at < text.length) {
    token.lastIndex = at
    const match = token.exec(text)
    const start = match?.index ?? text.length
    if (start > at) push(text.slice(at, start), "code")
    if (match === null) break
    at = start
    let part = match[0]
    let kind: "code" | "comment" | "string" = "code"
    if (part.startsWith("//") || part.startsWith("/*")) kind = "comment"
    else if (part[0] === '"' || part[0] === "'") kind = "string"
    else if (part === "`" || (part === "}" && templates.at(-1) === 0)) {
      if (part === "}") templates.pop()
      part = text.slice(start, templateEnd(text, start + 1))
      kind = "string"
      if (part.endsWith("${")) templates.push(0)
    } else if (part === "{" && templates.length > 0) templates[templates.length - 1]!++
    else if (part === "}" && templates.length > 0) templates[templates.length - 1]!--
    else if (part === "/" && regexAfter.test(text.slice(Math.max(0, start - 12), start))) {
      part = /^\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])*\/[a-z]*/.exec(text.slice(start))?.[0] ?? "/"
      if (part.length > 1) kind = "string"
    }
    push(part, kind)
    at = start + part.length
  }
  return { code: code.join(""), comments: comments.join("") }
}

/** Behind the closing backtick or the next `${`. */
function templateEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++
    else if (text[at] === "`") return at + 1
    else if (text[at] === "$" && text[at + 1] === "{") return at + 2
  }
  return text.length
}

const staticImport = /(?<![\w$.])(import|export)\b(\s+type\b(?!\s*,|\s+from\s*["']))?(?:[\s\w$*{},]*?\bfrom)?\s*(?=["'])/g
const dynamicImport = /(?<![\w$.])(?:import|require)\s*\(\s*(["'`]?)/g

function importsOf(code: string, text: string): Array<Import> {
  const imports: Array<Import> = []
  const literalAt = (position: number): string => text.slice(position + 1, code.indexOf(code[position]!, position + 1))
  for (const match of code.matchAll(staticImport)) {
    const end = match.index + match[0].length
    // `export` without `from` in front of a string is a declaration.
    if (match[1] === "export" && !/\bfrom\s*$/.test(match[0])) continue
    imports.push({ specifier: literalAt(end), isTypeOnly: match[2] !== undefined, isDynamic: false, line: lineAt(code, match.index) })
  }
  for (const match of code.matchAll(dynamicImport)) {
    const quote = match.index + match[0].length - 1
    const isLiteral = match[1] !== "" && /^["'`]\s*[),]/.test(code.slice(code.indexOf(match[1]!, quote + 1)))
    const isType = /\btypeof\s*$|[:<|&]\s*$/.test(code.slice(Math.max(0, match.index - 20), match.index))
    imports.push({ specifier: isLiteral ? literalAt(quote) : undefined, isTypeOnly: isType, isDynamic: true, line: lineAt(code, match.index) })
  }
  return imports
}
