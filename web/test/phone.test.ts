import { describe, expect, it } from 'vitest';
import { dialable, formatPhone } from '../src/lib/phone';

describe('formatPhone', () => {
  it.each([
    ['+4930901820', '030 901820'],
    ['+4989123456', '089 123456'],
    ['+49711123456', '0711 123456'],
    ['+49221998877', '0221 998877'],
    ['+497031123456', '07031 123456'],
    ['+495251123456', '05251 123456'],
    ['+493411234567', '0341 1234567'],
    ['+493834123456', '03834 123456'],
    ['+4933200123456', '033200 123456'],
    ['+4915112345678', '0151 12345678'],
    ['+491701234567', '0170 1234567'],
    ['+498001234567', '0800 1234567'],
    ['+43158800110', '+43 158 800 110'],
    ['+14155550123', '+1 415 555 0123'],
    ['+352621123456', '+352 621 123 456'],
    ['112', '112'],
    ['sip:alice@example.org', 'sip:alice@example.org'],
  ])('%s is shown as %s', (number, shown) => {
    expect(formatPhone(number)).toBe(shown);
  });
});

describe('dialable', () => {
  it('gives no link for what no phone can dial', () => {
    expect(dialable('+49711123456')).toBe('+49711123456');
    expect(dialable('112')).toBe('112');
    expect(dialable(null)).toBeNull();
    expect(dialable('anonymous')).toBeNull();
    expect(dialable('+49;phone-context=evil')).toBeNull();
  });
});
