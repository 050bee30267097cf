/**
 * The money that people pay with now, by ISO 4217 (list one, as amended to January 2026), under how many digits its minor unit
 * has. Left out are the codes that are no money: funds and units of account (CHE, CLF, USN, UYI, XDR, …), metals (XAU, …), and
 * those for tests and for none (XTS, XXX).
 */
const CURRENT: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE ' +
      'CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS ' +
      'KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR ' +
      'NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS ' +
      'TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
];
/** Money that has ended since 1999 (ISO 4217, list three): BGN on 1 January 2026. It can be read and paid back, and not taken. */
const ENDED: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BEF BYR ESP GRD ITL LUF PTE TRL'],
  [
    2,
    'AFA ANG ATS AZM BGL BGN CSD CUC CYP DEM EEK FIM FRF GHC GWP HRK IEP LTL LVL MGF MRO MTL MXP MZM NLG ROL RUR SDD SIT ' +
      'SKK SLL SRG STD TMM TPE VEB VEF YUM ZMK ZWD ZWL ZWN ZWR',
  ],
];
const DIGITS_DEFAULT = 2;

const toMap = (lists: typeof CURRENT): ReadonlyMap<string, number> =>
  new Map(lists.flatMap(([digits, codes]) => codes.split(' ').map((code): [string, number] => [code, digits])));
const [current, ended] = [toMap(CURRENT), toMap(ENDED)];

/** Whether a text is the code of money that people pay with now: what may be sold, and taken. */
export function isCurrentCurrency(code: string): boolean {
  return current.has(code);
}

/** How many digits the minor unit of a currency has, current or ended. Default: 2. */
export function minorDigitsOf(code: string): number {
  return current.get(code) ?? ended.get(code) ?? DIGITS_DEFAULT;
}

/** The codes of all current money, in their order. */
export function currentCurrencies(): string[] {
  return [...current.keys()].sort();
}
