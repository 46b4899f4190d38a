import { describe, expect, test } from 'vitest'
import { describeActual } from '../../../src/probe/expect/matcher.js'

describe('what was found, for people', () => {
  test('a long word at the cut is left out: it may be a piece of a token that nobody recognises any more', () => {
    const words = 'word '.repeat(36)
    expect(describeActual(`${words}opaque-but-secret-and-long-enough`)).toBe(`"${words}…`)
    expect(describeActual(`${words}short and more than enough words`)).toBe(`"${words}short and more than…`)
  })
})
