import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withFileLock } from '../../src/client/store/lock.js'

const folder = () => mkdtemp(join(tmpdir(), 'oidcgw-lock-'))

describe('the lock beside the data', () => {
  test('lets one at a time in, and leaves nothing behind', async () => {
    const path = join(await folder(), 'a.lock')
    let inside = 0
    let most = 0
    const work = async (n: number): Promise<number> => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setTimeout(resolve, 2))
      inside--
      return n
    }
    const results = await Promise.all(Array.from({ length: 10 }, (_, n) => withFileLock(path, () => work(n), { pollMs: 2 })))
    expect(most).toBe(1)
    expect(results).toEqual(Array.from({ length: 10 }, (_, n) => n))
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  test('is given back when the work fails', async () => {
    const path = join(await folder(), 'a.lock')
    await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withFileLock(path, async () => 'yes')).toBe('yes')
  })

  test.for([
    { name: 'of a dead process here', content: `999999999 ${hostname()} x`, staleMs: 60_000 },
    { name: 'of another machine that has gone silent', content: '1 elsewhere x', staleMs: 40 },
    { name: 'that is empty, from a crash while it was made', content: '', staleMs: 40 },
  ])('a lock $name is broken, once', async ({ content, staleMs }) => {
    const path = join(await folder(), 'a.lock')
    await writeFile(path, content)
    let inside = 0
    const work = async (): Promise<void> => {
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
      inside--
    }
    await Promise.all(Array.from({ length: 5 }, () => withFileLock(path, work, { staleMs, pollMs: 2 })))
  })

  test('a living holder is waited for until the person gives up', async () => {
    const path = join(await folder(), 'a.lock')
    await writeFile(path, `${process.pid} ${hostname()} x`)
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    await expect(withFileLock(path, async () => 'in', { pollMs: 2, signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
  })
})
