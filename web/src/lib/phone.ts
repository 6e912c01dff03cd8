// Telephone numbers as people here write them. Numbers arrive as E.164; German
// ones are shown with their trunk zero (DIN 5008: area, blank, subscriber),
// others with their country code. Only for the eye: links use what arrived.

/** Country codes of two digits; 1 and 7 have one digit, all others three (ITU E.164). */
const TWO_DIGITS = /^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

// Lengths of German area codes by the Bundesnetzagentur's numbering plan.
const AREA_2 = /^(3[02]|40|[68]9)/;
const AREA_3 =
  /^(2(0[1-389]|1[124]|2[18]|3[14])|3([35-9][15]|4[015])|906|(2[4-9]|4[2-9]|[579][1-9]|[68][1-8])1|1[5-7]\d|1[38]0|[89]00|700)/;
/** In the east (03…) towns have four digits, villages five; these are the towns. */
const EAST_4 = new RegExp(
  '^3(' +
    '3(0[1-467]|2[127-9]|3[124578]|7[1257-9]|8[1256]|9[145])|' +
    '4(2[135]|4[13578]|9[1346])|' +
    '5(0[14]|2[1-3589]|6[1-4]|7[13468]|8[13568])|' +
    '6(2[1-489]|3[124-6]|6[13]|7[12579]|8[1-356]|9[135])|' +
    '7(2[1-7]|4[145]|6[1-5]|7[1-4])|' +
    '8(21|3[1468]|4[1347]|6\\d|7[1467]|8[136])|' +
    '9(0[12479]|2[1358]|4[134679]|6[1-9]|7[136]|8[147]|9[1468]))',
);

export function formatPhone(number: string): string {
  if (!/^\+\d{5,15}$/.test(number)) return number;
  return number.startsWith('+49') ? german(number.slice(3)) : foreign(number.slice(1));
}

/** What a `tel:` link may carry; null where nothing can be dialled. */
export function dialable(number: string | null): string | null {
  return number !== null && /^\+?\d{3,15}$/.test(number) ? number : null;
}

function german(national: string): string {
  const area = areaLength(national);
  return `0${national.slice(0, area)} ${national.slice(area)}`;
}

function areaLength(national: string): number {
  if (AREA_2.test(national)) return 2;
  if (AREA_3.test(national)) return 3;
  return national.startsWith('3') && !EAST_4.test(national) ? 5 : 4;
}

function foreign(digits: string): string {
  const code = /^[17]/.test(digits) ? 1 : TWO_DIGITS.test(digits) ? 2 : 3;
  return `+${digits.slice(0, code)} ${inThrees(digits.slice(code))}`;
}

/** Groups of three, the last one of two to four: never a lonely digit. */
function inThrees(digits: string): string {
  return digits.replace(/(\d{3})(?=\d{2})/g, '$1 ').trim();
}
