import { expect, test } from 'vitest'
import { agreesWithJose, anyChangeIsSeen, showsAnything, throwsOnlyOurs } from './properties.js'

test('decode and verify throw nothing but our errors', () => {
  throwsOnlyOurs(300)
})

test('reading, linting and showing throw nothing, and show no control character', () => {
  showsAnything(100)
})

test('any changed character is seen', () => {
  anyChangeIsSeen(100)
})

test('our verifier and jose give the same verdict, or the disagreement is explained', async () => {
  const { valid } = await agreesWithJose(150)
  expect(valid).toBeGreaterThan(0)
})
