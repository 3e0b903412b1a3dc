/**
 * The data directory is not what was written to it, in a place that nothing here can make good. Nothing was changed in
 * it. A replica of it elsewhere is the cure: the directory is emptied, and the node comes back as a new one.
 */
export class DirectoryDamagedError extends Error {
  readonly _tag = "DirectoryDamagedError"
  readonly directory: string
  readonly found: string

  constructor(directory: string, found: string, cause?: unknown) {
    super(`the data directory ${directory} is damaged: ${found}`, cause === undefined ? undefined : { cause })
    this.name = "DirectoryDamagedError"
    this.directory = directory
    this.found = found
  }
}
