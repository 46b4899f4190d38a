import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { createWorkspace } from '../client/workspace.js'

test.for([
  ['init', { default_profile: 'machine', profiles: { machine: { grant: 'client_credentials' } } }],
  ['init --demo', { default_profile: 'alice', profiles: { alice: { grant: 'authorization_code' } } }],
  ['init --issuer https://i.example --client-id x', { profiles: { machine: { issuer: 'https://i.example', client: { id: 'x' } } } }],
] as const)('%s writes a file that loads', async ([line, expected]) => {
  const { run, folder } = await createWorkspace()
  expect(await run(line)).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('Next: ') as string })
  const document = parse(await readFile(join(folder, 'oidcgw.yaml'), 'utf8')) as Record<string, unknown>
  expect(document).toMatchObject(expected)
  expect(await run('token --check')).toMatchObject({ exitCode: 1, stderr: '' })
  const schema = JSON.parse((await run('init --schema')).stdout) as object
  expect(new Ajv2020({ strict: false }).validate(schema, document)).toBe(true)
  expect(new Ajv2020({ strict: false }).validate(schema, { ...document, profils: {} })).toBe(false)
})

test('an existing file is kept unless --force', async () => {
  const { run, folder } = await createWorkspace({ version: 1 })
  expect(await run('init')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is there already') as string })
  expect(await readFile(join(folder, 'oidcgw.yaml'), 'utf8')).toBe('version: 1\n')
  expect(await run('init --force --json')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('oidcgw/init/v1') as string })
})
