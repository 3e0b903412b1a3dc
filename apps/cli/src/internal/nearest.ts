/** Letters to change, add or leave out to get from one word to the other, two swapped neighbours counting once. */
const distance = (from: string, to: string): number => {
  let beforeLast: Array<number> = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + cost)
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** The known word that was most likely meant, or undefined when none is close. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 0.5
  for (const candidate of known) {
    // A word that was cut short or has a tail is closer than its letters say.
    const isPart = word.length >= 3 && (candidate.startsWith(word) || word.startsWith(candidate))
    const found = isPart ? Math.min(1, distance(word, candidate)) : distance(word, candidate)
    if (found >= bestDistance) continue
    best = candidate
    bestDistance = found
  }
  return best
}
