import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadKongDocument } from '../../src/kong/document.js'

const FOLDER = new URL('../../fixtures/gateway/bad/', import.meta.url)
const files = readdirSync(FOLDER)

/** Each file says in its last lines what must be found: `# expect LINE:COLUMN id: message`. */
describe('broken documents are refused at the exact place', () => {
  test('there are enough of them', () => {
    expect(files.length).toBeGreaterThanOrEqual(30)
  })

  test.for(files)('%s', (file) => {
    const text = readFileSync(new URL(file, FOLDER), 'utf8')
    const expected = text.split('\n').filter((line) => line.startsWith('# expect '))
    const { config, issues } = loadKongDocument([{ file, text }], { env: {} })
    expect(config).toBeUndefined()
    const found = issues
      .filter(({ severity }) => severity === 'error')
      .map(({ line, column, id, path, message, advice }) => {
        return `# expect ${line}:${column} ${id}: ${path ? `${path}: ` : ''}${message}${advice ? ` (${advice})` : ''}`
      })
    expect(found).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  })
})
