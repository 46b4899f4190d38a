import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/config/duration.js'

test.for([
  ['30', 30_000],
  ['250ms', 250],
  ['1h30m', 5_400_000],
  ['0.5s', 500],
  ['7d', 604_800_000],
] as const)('%s is %i ms', ([text, ms]) => {
  expect(parseDuration(text)).toBe(ms)
})

test.for(['', 'soon', '5 m', '-1s', '1h?', 's'])('"%s" is no duration', (text) => {
  expect(() => parseDuration(text, '--ttl')).toThrowError(
    expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining('--ttl') as string }) as Error,
  )
})

test.for([
  [0, '0 s'],
  [45_000, '45 s'],
  [7_500_000, '2 h 5 min'],
  [-90_061_000, '1 d 1 h'],
] as const)('%i ms reads %s', ([ms, text]) => {
  expect(formatDuration(ms)).toBe(text)
})
