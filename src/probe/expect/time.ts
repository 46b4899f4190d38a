import { outcomeOf, type Assert } from './assertion.js'

/** Upper limits in milliseconds. */
export interface TimeExpectation {
  readonly first_byte?: number
  readonly total?: number
}

/** Judges the last answer's latency. Connecting counts when the connection was new. */
export const time: Assert<TimeExpectation> = (expected, { answer }) => {
  const actual = { first_byte: answer.firstByteMs, total: answer.totalMs }
  return (['first_byte', 'total'] as const).flatMap((field) => {
    const limit = expected[field]
    if (limit === undefined) return []
    return [
      {
        kind: 'time',
        subject: field === 'total' ? 'time in all' : 'time to the first byte',
        outcome: outcomeOf(actual[field] <= limit),
        expected: `at most ${limit} ms`,
        actual: `${actual[field].toFixed(1)} ms`,
      },
    ]
  })
}
