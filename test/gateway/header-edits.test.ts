import { describe, expect, test } from 'vitest'
import { canonicalName, HeaderEdits } from '../../src/gateway/header-edits.js'

describe('canonicalName (G-24)', () => {
  test.for(['X-User-Info', 'x_user_info', 'X.User.Info', 'X_User-Info', 'x%2Duser%5finfo', 'X%2dUser-%49nfo'])(
    '%s is x-user-info',
    (name) => {
      expect(canonicalName(name)).toBe('x-user-info')
    },
  )

  test('other names stay other names', () => {
    expect(canonicalName('X-UserInfo')).not.toBe('x-user-info')
  })
})

describe('HeaderEdits', () => {
  test('a setting replaces every spelling, an append adds', () => {
    const edits = new HeaderEdits()
    expect(edits.set('X_Role', 'a')).toBe(true)
    expect(edits.set('x-role', 'b')).toBe(true)
    edits.append('Set-Cookie', 'a=1')
    edits.append('set-cookie', 'b=2')
    expect([...edits.entries()]).toEqual([
      ['x-role', 'b'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    expect([edits.removes('X.ROLE'), edits.removes('set-cookie'), edits.get('x.role')]).toEqual([true, false, ['b']])
  })

  test.for(['a\r\nb', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007fb', '\u001b[0m'])('the value %j is refused, the field only removed', (value) => {
    const edits = new HeaderEdits()
    expect(edits.set('X-A', value)).toBe(false)
    edits.append('X-B', value)
    expect([...edits.entries()]).toEqual([])
    expect(edits.removes('x-a')).toBe(true)
  })

  test.for(['', 'X A', 'X:A', 'X\nA', 'Ünicode'])('the name %j is refused', (name) => {
    const edits = new HeaderEdits()
    expect(edits.set(name, 'a')).toBe(false)
    expect([...edits.entries()]).toEqual([])
  })

  test('text beyond ASCII becomes its UTF-8 octets; a tab stays', () => {
    const edits = new HeaderEdits()
    edits.set('X-A', 'ë')
    edits.set('X-B', 'a\tb')
    expect([edits.get('x-a'), edits.get('x-b')]).toEqual([['Ã«'], ['a\tb']])
  })
})
