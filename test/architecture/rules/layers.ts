import { isProduct, packageOf, type Room, type Rule } from "../Workspace.ts"

/** A layer uses the layers named here, never one above. No app uses an app. */
const allowed: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: ["core"],
  contract: ["contract", "core"],
  service: ["service", "contract", "core"],
  api: ["api", "service", "contract", "core"],
  app: ["api", "service", "contract", "core"],
  test: ["app", "api", "service", "contract", "core"]
}

export const roomsHaveOneLayer: Rule = ({ rooms }) =>
  rooms
    .filter(({ layer }) => layer === undefined || !(layer in allowed))
    .map(({ directory }) => `${directory}/package.json: one tag layer:<${Object.keys(allowed).join("|")}>`)

/** Both what a room declares and what it imports. */
export const layersPointDown: Rule = ({ rooms }) => {
  const byName = new Map(rooms.map((room) => [room.name, room]))
  const violations: Array<string> = []
  for (const room of rooms) {
    const check = (name: string, place: string): void => {
      const target = byName.get(name)
      if (target === undefined || target === room || target.layer === undefined || room.layer === undefined) return
      if (!allowed[room.layer]?.includes(target.layer)) {
        violations.push(`${place}: ${room.layer} room uses ${target.layer} room ${name}`)
      }
    }
    for (const name of declaredRooms(room)) check(name, `${room.directory}/package.json`)
    for (const { path, imports } of room.sources) {
      for (const { specifier, line } of imports) if (specifier !== undefined) check(packageOf(specifier), `${path}:${line}`)
    }
  }
  return violations
}

/** Rooms of one layer may use each other, but not in a circle; tests may look back. */
export const roomsHaveNoCycles: Rule = ({ rooms }) => {
  const edges = new Map(rooms.map((room) => [room.name, [...new Set([...declaredRooms(room), ...importedRooms(room)])]]))
  const violations: Array<string> = []
  const done = new Set<string>()
  const visit = (name: string, path: ReadonlyArray<string>): void => {
    const seenAt = path.indexOf(name)
    if (seenAt >= 0) {
      violations.push(`cycle ${[...path.slice(seenAt), name].join(" -> ")}`)
      return
    }
    if (done.has(name)) return
    for (const next of edges.get(name) ?? []) if (edges.has(next)) visit(next, [...path, name])
    done.add(name)
  }
  for (const { name } of rooms) visit(name, [])
  return violations
}

const declaredRooms = (room: Room): Array<string> => Object.keys(room.manifest.dependencies ?? {})

const importedRooms = (room: Room): Array<string> =>
  room.sources
    .filter(({ path }) => isProduct(path))
    .flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier ?? "")))
    .filter((name) => name !== room.name)
