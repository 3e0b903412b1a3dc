/** The codec of a batch: bits 0-2 of its attributes. 5, 6 and 7 are not assigned by Kafka. */
export type CompressionType = 0 | 1 | 2 | 3 | 4

export const CompressionType = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

const names = ["none", "gzip", "snappy", "lz4", "zstd"] as const

/** The name that Kafka's configuration uses (`compression.type`). */
export type CompressionName = (typeof names)[number]

/** The name of a codec number, or undefined when the number means nothing. */
export const compressionName = (type: number): CompressionName | undefined => names[type]
