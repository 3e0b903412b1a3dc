import { builtinModules } from "node:module"
import { posix } from "node:path"
import type { Import, Source } from "../Source.ts"
import { isProduct, packageOf, type Room, type Rule } from "../Workspace.ts"

const builtins = new Set(builtinModules)

function forEachImport(room: Room, visit: (source: Source, imported: Import, place: string) => void): void {
  for (const source of room.sources) {
    for (const imported of source.imports) visit(source, imported, `${source.path}:${imported.line}`)
  }
}

export const importsAreDeclared: Rule = ({ rooms, rootManifest }) => {
  const violations: Array<string> = []
  for (const room of rooms) {
    const forProduct = new Set([room.name, ...Object.keys(room.manifest.dependencies ?? {})])
    const forTests = new Set([...forProduct, ...Object.keys(room.manifest.devDependencies ?? {}), ...Object.keys(rootManifest.devDependencies ?? {})])
    forEachImport(room, ({ path }, { specifier, isDynamic }, place) => {
      if (specifier === undefined) {
        if (isProduct(path) && isDynamic) violations.push(`${place}: an import of a computed name cannot be checked`)
        return
      }
      if (specifier.startsWith(".") || specifier.startsWith("node:")) return
      if (builtins.has(specifier)) violations.push(`${place}: write node:${specifier}`)
      else if (!(isProduct(path) ? forProduct : forTests).has(packageOf(specifier))) {
        violations.push(`${place}: ${packageOf(specifier)} is not declared in ${room.directory}/package.json`)
      }
    })
  }
  return violations
}

export const relativeImportsStayInTheRoom: Rule = ({ rooms }) => {
  const violations: Array<string> = []
  for (const room of rooms) {
    forEachImport(room, ({ path }, { specifier }, place) => {
      if (!specifier?.startsWith(".")) return
      const target = posix.join(posix.dirname(path), specifier)
      if (!target.startsWith(`${room.directory}/`)) violations.push(`${place}: ${specifier} leaves ${room.directory}`)
      else if (isProduct(path) && !target.startsWith(`${room.directory}/src/`)) violations.push(`${place}: src imports ${specifier}, which is not part of the product`)
      else if (!/\.[a-z]+$/.test(specifier)) violations.push(`${place}: ${specifier} has no file ending`)
    })
  }
  return violations
}

/** Another room is used through what its package.json exports, and nobody exports an internal file. */
export const roomsUseEachOthersDoors: Rule = ({ rooms }) => {
  const byName = new Map(rooms.map((room) => [room.name, room]))
  const violations: Array<string> = []
  for (const room of rooms) {
    for (const [door, target] of Object.entries(room.manifest.exports ?? {})) {
      if (door.includes("*") || target.includes("/internal/")) violations.push(`${room.directory}/package.json: exports ${door}: ${target}`)
    }
    forEachImport(room, (_source, { specifier }, place) => {
      const target = byName.get(packageOf(specifier ?? ""))
      if (specifier === undefined || target === undefined) return
      const door = `.${specifier.slice(target.name.length)}`
      if (!(door in (target.manifest.exports ?? {}))) violations.push(`${place}: ${specifier} is not exported by ${target.directory}/package.json`)
    })
  }
  return violations
}

/** The barrel of effect costs 190 ms of start-up; a submodule costs what it needs. */
export const effectIsImportedBySubmodule: Rule = ({ rooms }) => {
  const violations: Array<string> = []
  for (const room of rooms) {
    forEachImport(room, ({ path }, { specifier, isTypeOnly }, place) => {
      if (isProduct(path) && !isTypeOnly && /^(?:effect|@effect\/[^/]+)$/.test(specifier ?? "")) violations.push(`${place}: import a submodule of ${specifier}`)
    })
  }
  return violations
}
