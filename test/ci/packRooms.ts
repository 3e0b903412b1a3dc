/**
 * Makes packages of rooms for projects outside of the workspace: compiled, since Node takes no TypeScript from node_modules, each
 * with its declarations. `node test/ci/packRooms.ts DIRECTORY [ROOM...]`; the default is the testkit, with all that it stands on.
 */
import { execFileSync } from "node:child_process"
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const scope = "@tailrace/"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly type: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

const manifestOf = (room: string): Manifest => JSON.parse(readFileSync(join(root, "libs", room, "package.json"), "utf8")) as Manifest

/** A room and all rooms that it needs. */
export const roomsOf = (rooms: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found = new Set<string>()
  const waiting = [...rooms]
  for (let room = waiting.pop(); room !== undefined; room = waiting.pop()) {
    if (found.has(room)) continue
    found.add(room)
    for (const name of Object.keys(manifestOf(room).dependencies ?? {})) if (name.startsWith(scope)) waiting.push(name.slice(scope.length))
  }
  return [...found].toSorted()
}

/** What a user's package manager reads: JavaScript and declarations in the place of the sources. */
const packedManifest = (room: string): object => {
  const { dependencies = {}, exports, license, name, type, version } = manifestOf(room)
  const compiled = Object.entries(exports).map(([path, file]) => {
    const stem = file.replace("./src/", "./dist/").replace(/\.ts$/, "")
    return [path, { types: `${stem}.d.ts`, default: `${stem}.js` }]
  })
  const needed = Object.entries(dependencies).map(([needs, range]) => [needs, needs.startsWith(scope) ? version : range])
  return { name, version, license, type, exports: Object.fromEntries(compiled), dependencies: Object.fromEntries(needed) }
}

const compilerOptions = (outDir: string): object => ({
  noEmit: false, declaration: true, rewriteRelativeImportExtensions: true, rootDir: join(root, "libs"), outDir,
  typeRoots: [join(root, "node_modules", "@types")], plugins: []
})

/** What is written by a generator is JavaScript with declarations already; only what it imports has another ending now. */
const copyGenerated = (from: string, to: string): void => {
  for (const file of readdirSync(from, { recursive: true, encoding: "utf8" })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue
    const text = readFileSync(join(from, file), "utf8").replace(/((?:from|import\() ?"\.[^"]*)\.ts"/g, '$1.js"')
    mkdirSync(dirname(join(to, file)), { recursive: true })
    writeFileSync(join(to, file), text)
  }
}

/** Writes a folder for each room into `directory`; answers their names and folders. */
export const packRooms = (directory: string, rooms: ReadonlyArray<string> = ["testkit"]): ReadonlyMap<string, string> => {
  const all = roomsOf(rooms)
  mkdirSync(directory, { recursive: true })
  const work = mkdtempSync(join(resolve(directory), ".compile-"))
  try {
    const out = join(work, "out")
    const config = join(work, "tsconfig.json")
    writeFileSync(config, JSON.stringify({
      extends: join(root, "tsconfig.json"), compilerOptions: compilerOptions(out), include: all.map((room) => join(root, "libs", room, "src"))
    }))
    execFileSync(join(root, "node_modules", ".bin", "tsc"), ["-p", config], { stdio: "inherit", cwd: root })
    return new Map(all.map((room) => {
      const place = join(directory, room)
      rmSync(place, { recursive: true, force: true })
      cpSync(join(out, room, "src"), join(place, "dist"), { recursive: true })
      copyGenerated(join(root, "libs", room, "src"), join(place, "dist"))
      writeFileSync(join(place, "package.json"), `${JSON.stringify(packedManifest(room), undefined, 2)}\n`)
      for (const file of ["README.md", "LICENSE"]) {
        const own = join(root, "libs", room, file)
        copyFileSync(existsSync(own) ? own : join(root, file), join(place, file))
      }
      return [`${scope}${room}`, place]
    }))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const [directory, ...rooms] = process.argv.slice(2)
  if (directory === undefined) throw new Error("where to? node test/ci/packRooms.ts DIRECTORY [ROOM...]")
  for (const [name, place] of packRooms(resolve(directory), rooms.length === 0 ? undefined : rooms)) console.log(`${name}: ${place}`)
}
