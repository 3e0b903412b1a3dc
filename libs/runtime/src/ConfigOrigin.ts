/** Where a setting was made. */
export type ConfigOrigin =
  | { readonly source: "file"; readonly path: string; readonly line: number | undefined }
  | { readonly source: "environment"; readonly variable: string }
  | { readonly source: "flag"; readonly flag: string }

/** As it stands in an error message: `server.properties line 3`. */
export function describeOrigin(origin: ConfigOrigin): string {
  switch (origin.source) {
    case "file":
      return origin.line === undefined ? `file ${origin.path}` : `file ${origin.path} line ${origin.line}`
    case "environment":
      return `environment variable ${origin.variable}`
    case "flag":
      return `flag ${origin.flag}`
  }
}
