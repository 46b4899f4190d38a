import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Section 10 of the reference lists thirty points; a correction must find its one constant and the test that says what it changes. */
const POINTS = Array.from({ length: 30 }, (_, index) => `U${index + 1}`)
/** What a renewal saves, and when, is the order of `freshness.ts`, no value. */
const WITHOUT_CONSTANT = ['U24']

function textOf(folder: string): string {
  const root = new URL(`../../../${folder}/`, import.meta.url)
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n')
}

test('each unconfirmed point is one constant', () => {
  const source = textOf('src/gateway')
  const constants = [...source.matchAll(/\/\*\* (U\d+): [^*]*\*\/\n(?:export )?const /g)].map(([, point]) => point)
  expect(new Set(constants)).toEqual(new Set(POINTS.filter((point) => !WITHOUT_CONSTANT.includes(point))))
  expect(constants).toHaveLength(new Set(constants).size)
})

test('and has a test that names it', () => {
  const titles = [...textOf('test').matchAll(/(?:\(|name: )(['`])((?:(?!\1)[^\n])*)\1/g)].map(([, , title]) => title).join('\n')
  expect(POINTS.filter((point) => !new RegExp(`\\b${point}\\b`).test(titles))).toEqual([])
})
