import { lineAt } from "../Source.ts"
import type { Rule } from "../Workspace.ts"

/** Where packages come from and where somebody's home is concerns one machine only. */
const machinePatterns: ReadonlyArray<RegExp> = [
  /https?:\/\/[^\s"'<>)]*\b(?:registry|npm|verdaccio|artifactory|nexus|jfrog|codeartifact)\b[^\s"'<>)]*/gi,
  /(?<![\w.~-])\/(?:home\/(?!node\b)|Users\/|root\/|work\/|workspace\/|mnt\/)[\w.-]+/g,
  /\b[A-Z]:\\+Users\\+\w+/g
]

/** The lock file has a rule of its own; the others say these words themselves. */
const exempt = new Set(["package-lock.json", "test/architecture/rules/files.ts", "test/architecture/rules.test.ts"])

export const filesNameNoMachine: Rule = ({ files }) => {
  const violations: Array<string> = []
  for (const [path, text] of files) {
    if (exempt.has(path)) continue
    for (const pattern of machinePatterns) {
      for (const match of text.matchAll(pattern)) violations.push(`${path}:${lineAt(text, match.index)}: ${match[0]}`)
    }
  }
  return violations
}

/** A lock file that names a registry binds everybody to it; integrity hashes are enough. */
export const lockNamesNoRegistry: Rule = ({ files }) => {
  const lock = files.get("package-lock.json")
  if (lock === undefined) return ["package-lock.json: missing"]
  const violations = [...lock.matchAll(/"resolved": "[a-z+]+:[^"]*"/g)].map((match) => `package-lock.json:${lineAt(lock, match.index)}: ${match[0]}`)
  for (const path of files.keys()) {
    if (/(?:^|\/)\.npmrc$/.test(path) && /registry|_auth/.test(files.get(path)!)) violations.push(`${path}: names a registry`)
  }
  return violations
}
