import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, posix } from "node:path"
import { scanSource, type Source } from "./Source.ts"

export interface Manifest {
  readonly name?: string
  readonly type?: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly nx?: { readonly tags?: ReadonlyArray<string> }
}

/** A package of the workspace: a folder of libs or apps, or the folder test. */
export interface Room {
  readonly name: string
  readonly directory: string
  readonly layer: string | undefined
  readonly manifest: Manifest
  readonly sources: ReadonlyArray<Source>
}

export interface Workspace {
  readonly files: ReadonlyMap<string, string>
  readonly rooms: ReadonlyArray<Room>
  readonly rootManifest: Manifest
}

/** A rule answers with its violations, each as one line that names the place. */
export type Rule = (workspace: Workspace) => Array<string>

const textFile = /\.(?:ts|js|mjs|cjs|json|md|ya?ml|sh|toml)$|(?:^|\/)(?:Dockerfile[^/]*|\.[^/]+|[^/.]+)$/
const fileBytesMax = 1_000_000

/** What .gitignore keeps out; the tests run where git is not installed too. */
const ignoredFolders: ReadonlySet<string> = new Set(["node_modules", ".git", ".nx", ".sim", ".work"])
const ignoredFile = /\.(?:log|tmp)$/

/** Every text file of the workspace, by its path with forward slashes. */
export function readWorkspace(root: string): Workspace {
  const files = new Map<string, string>()
  const read = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!ignoredFolders.has(entry.name) && path !== "data") read(path)
      } else if (entry.isFile() && textFile.test(path) && !ignoredFile.test(path)) {
        const file = join(root, path)
        if (statSync(file).size <= fileBytesMax) files.set(path, readFileSync(file, "utf8"))
      }
    }
  }
  read("")
  return workspaceOf(files)
}

export function workspaceOf(files: ReadonlyMap<string, string>): Workspace {
  const manifestOf = (path: string): Manifest => JSON.parse(files.get(path) ?? "{}") as Manifest
  const rooms: Array<Room> = []
  for (const path of files.keys()) {
    if (!/^(?:(?:libs|apps)\/[^/]+|test)\/package\.json$/.test(path)) continue
    const directory = posix.dirname(path)
    const manifest = manifestOf(path)
    const layers = (manifest.nx?.tags ?? []).filter((tag) => tag.startsWith("layer:"))
    rooms.push({
      name: manifest.name ?? directory,
      directory,
      layer: layers.length === 1 ? layers[0]!.slice("layer:".length) : undefined,
      manifest,
      sources: sourcesIn(files, directory)
    })
  }
  return { files, rooms, rootManifest: manifestOf("package.json") }
}

function sourcesIn(files: ReadonlyMap<string, string>, directory: string): Array<Source> {
  const sources: Array<Source> = []
  for (const [path, text] of files) {
    if (!path.startsWith(`${directory}/`) || !/\.(?:ts|js|mjs)$/.test(path) || isGenerated(path)) continue
    sources.push(scanSource(path, text))
  }
  return sources
}

export const isGenerated = (path: string): boolean => path.includes("/generated/")

/** Part of the product; everything else in a room is tests, benchmarks and tools. */
export const isProduct = (path: string): boolean => /^(?:libs|apps)\/[^/]+\/src\//.test(path)

/** `@tailrace/log/x` is the package `@tailrace/log`. */
export function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")
}
