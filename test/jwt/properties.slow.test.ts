import { expect, test } from 'vitest'
import { agreesWithJose, anyChangeIsSeen, showsAnything, throwsOnlyOurs } from './properties.js'

test('decode and verify throw nothing but our errors, 100,000 inputs', { timeout: 900_000 }, () => {
  throwsOnlyOurs(100_000)
})

test('reading, linting and showing throw nothing, 10,000 inputs', { timeout: 900_000 }, () => {
  showsAnything(10_000)
})

test('any changed character is seen, 10,000 tokens', { timeout: 600_000 }, () => {
  anyChangeIsSeen(10_000)
})

test('our verifier and jose give the same verdict on 10,000 tokens, or the disagreement is explained', { timeout: 600_000 }, async () => {
  const { valid, explained } = await agreesWithJose(10_000)
  expect(valid).toBeGreaterThan(100)
  console.log(`${valid} valid for both, ${explained} explained disagreements`)
})
