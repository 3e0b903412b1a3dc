/** The data directory was written by another version. Nothing was changed in it. */
export class DirectoryFormatError extends Error {
  readonly _tag = "DirectoryFormatError"
  readonly directory: string
  readonly found: string

  constructor(directory: string, found: string) {
    super(`the data directory ${directory} cannot be opened: ${found}`)
    this.name = "DirectoryFormatError"
    this.directory = directory
    this.found = found
  }
}
