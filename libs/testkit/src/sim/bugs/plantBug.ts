import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import type { PlantedBug } from "./PlantedBug.ts"

const root = fileURLToPath(new URL("../../../../../", import.meta.url))

/**
 * Changes the source of this process's modules while they are loaded, so that no code of production has to know of bugs. Only modules
 * that are loaded afterwards are changed. The answer names the edits whose file was not loaded, or whose text is not there once.
 */
export function plantBug({ edits, name }: PlantedBug): () => ReadonlyArray<string> {
  const open = new Set(edits)
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context)
      if (!url.startsWith("file:")) return loaded
      const path = fileURLToPath(url)
      const own = edits.filter(({ file }) => path === `${root}${file}`)
      if (own.length === 0) return loaded
      let source = String(loaded.source)
      for (const edit of own) {
        if (source.split(edit.from).length !== 2) throw new Error(`${name}: "${edit.from}" is not once in ${edit.file}`)
        source = source.replace(edit.from, () => edit.to)
        open.delete(edit)
      }
      return { ...loaded, source }
    }
  })
  return () => [...open].map(({ file }) => file)
}
