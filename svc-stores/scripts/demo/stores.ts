/** A kind of thing that a demo store sells, in every make that there is. */
export interface Line {
  /** Names of the category and those above it. */
  readonly category: readonly string[];
  readonly names: readonly string[];
  /** What is put before or after a name. */
  readonly makes: readonly string[];
  readonly description: string;
  readonly materials: readonly string[];
  readonly tags: readonly string[];
  readonly option?: { readonly name: string; readonly values: readonly string[] };
  /** From the cheapest to the dearest, in minor units. */
  readonly priceMinor: readonly [number, number];
  readonly weightGrams: readonly [number, number];
}

export interface DemoStore {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly currencyCode: string;
  readonly countryCode: string;
  readonly contactEmail: string;
  /** How a name and a make are put together. */
  readonly title: (name: string, make: string) => string;
  /** What prices end in. */
  readonly roundMinor: (amountMinor: number) => number;
  readonly skuPrefix: string;
  readonly lines: readonly Line[];
}

const COLOURS = ['Indigo', 'Terracotta', 'Sage', 'Ivory', 'Charcoal'];
const SIZES = ['XS', 'S', 'M', 'L', 'XL'];

export const DEMO_STORES: readonly DemoStore[] = [
  {
    slug: 'casa-azul',
    name: 'Casa Azul',
    description: 'Hecho a mano en México: mesa, cocina y hogar.\nTalleres de Oaxaca, Puebla y Michoacán.',
    currencyCode: 'MXN',
    countryCode: 'MX',
    contactEmail: 'hola@casa-azul.example',
    title: (name, make) => `${name} ${make}`,
    roundMinor: (amount) => Math.round(amount / 1_000) * 1_000 - 100,
    skuPrefix: 'CA',
    lines: [
      {
        category: ['Mesa', 'Vajilla'],
        names: ['Plato hondo', 'Plato llano', 'Tazón', 'Jarra', 'Taza', 'Salsera', 'Platón ovalado'],
        makes: ['de talavera', 'de barro negro', 'de barro bruñido', 'de cerámica esmaltada', 'de gres'],
        description: 'Torneado y pintado a mano; cada pieza es distinta. Apto para lavavajillas.',
        materials: ['talavera', 'barro negro', 'cerámica'],
        tags: ['artesanal', 'cocina', 'regalo'],
        priceMinor: [14_000, 89_000],
        weightGrams: [300, 1_600],
      },
      {
        category: ['Mesa', 'Vidrio'],
        names: ['Vaso', 'Copa', 'Garrafa', 'Florero'],
        makes: ['soplado azul', 'soplado ámbar', 'soplado confeti', 'de vidrio reciclado'],
        description: 'Vidrio soplado en Tonalá, con borde grueso y burbujas que lo delatan.',
        materials: ['vidrio reciclado'],
        tags: ['artesanal', 'vidrio'],
        priceMinor: [9_000, 65_000],
        weightGrams: [200, 1_200],
      },
      {
        category: ['Textiles'],
        names: ['Mantel', 'Camino de mesa', 'Cojín', 'Manta', 'Tapete', 'Delantal'],
        makes: ['de telar', 'bordado otomí', 'de algodón crudo', 'de lana merino'],
        description: 'Tejido en telar de pedal y teñido con añil, grana cochinilla y cempasúchil.',
        materials: ['algodón', 'lana'],
        tags: ['textil', 'hogar', 'hecho a mano'],
        option: { name: 'Color', values: ['Índigo', 'Grana', 'Cempasúchil', 'Crudo'] },
        priceMinor: [25_000, 320_000],
        weightGrams: [250, 3_000],
      },
      {
        category: ['Cocina'],
        names: ['Molcajete', 'Comal', 'Molinillo', 'Tortillero', 'Cazuela', 'Tabla de picar'],
        makes: ['tradicional', 'grande', 'de Michoacán', 'de la abuela'],
        description: 'Para cocinar como se debe. Se cura antes del primer uso; la guía va en la caja.',
        materials: ['piedra volcánica', 'madera de parota', 'barro'],
        tags: ['cocina', 'tradicional'],
        priceMinor: [12_000, 145_000],
        weightGrams: [200, 7_000],
      },
    ],
  },
  {
    slug: 'trailhead-supply',
    name: 'Trailhead Supply',
    description: 'Gear for long walks: tested on the trail, repaired for life.',
    currencyCode: 'USD',
    countryCode: 'US',
    contactEmail: 'hello@trailhead-supply.example',
    title: (name, make) => `${make} ${name}`,
    roundMinor: (amount) => Math.round(amount / 500) * 500 - 5,
    skuPrefix: 'TS',
    lines: [
      {
        category: ['Clothing', 'Jackets'],
        names: ['rain jacket', 'down jacket', 'fleece', 'wind shirt'],
        makes: ['Ridgeline', 'Cloudburst', 'Talus', 'Switchback', 'Alpenglow'],
        description:
          'Light enough to forget in the pack, tough enough for a week of weather. Taped seams, recycled shell.',
        materials: ['recycled nylon', 'merino wool', 'polyester'],
        tags: ['outdoor', 'waterproof', 'layering'],
        option: { name: 'Size', values: SIZES },
        priceMinor: [6_900, 38_900],
        weightGrams: [120, 640],
      },
      {
        category: ['Clothing', 'Base layers'],
        names: ['T-shirt', 'leggings', 'socks', 'beanie'],
        makes: ['Merino 150', 'Merino 250', 'Sunshade', 'Nightfall'],
        description: 'Soft against the skin, dries overnight, and does not smell after three days.',
        materials: ['merino wool'],
        tags: ['outdoor', 'merino', 'layering'],
        option: { name: 'Size', values: SIZES },
        priceMinor: [1_900, 9_900],
        weightGrams: [60, 260],
      },
      {
        category: ['Packs'],
        names: ['daypack', 'backpack', 'hip pack', 'dry bag'],
        makes: ['Meadow 18', 'Traverse 38', 'Thru 55', 'Basecamp 70', 'Canyon 8'],
        description: 'A frame that carries what it should, and pockets where hands look for them.',
        materials: ['recycled nylon', 'ripstop nylon'],
        tags: ['outdoor', 'ultralight'],
        option: { name: 'Colour', values: COLOURS },
        priceMinor: [3_500, 29_500],
        weightGrams: [150, 1_900],
      },
      {
        category: ['Camp'],
        names: ['tent', 'sleeping bag', 'sleeping pad', 'stove', 'headlamp', 'water filter', 'mug'],
        makes: ['Lodgepole', 'Juniper', 'Starlight', 'Kindling', 'Creekside'],
        description: 'Sets up in the dark with cold fingers. Spare parts for as long as you keep it.',
        materials: ['titanium', 'aluminium', 'ripstop nylon'],
        tags: ['camping', 'ultralight'],
        priceMinor: [1_500, 54_900],
        weightGrams: [50, 2_200],
      },
    ],
  },
  {
    slug: 'kami-stationery',
    name: '紙屋 Kami',
    description: '京都の小さな文房具店。紙と筆記具を一点ずつ選んでいます。\nA small stationery shop in Kyoto.',
    currencyCode: 'JPY',
    countryCode: 'JP',
    contactEmail: 'kami@kami-stationery.example',
    title: (name, make) => `${make}${name}`,
    roundMinor: (amount) => Math.round(amount / 10) * 10,
    skuPrefix: 'KM',
    lines: [
      {
        category: ['筆記具'],
        names: ['万年筆', 'ボールペン', '筆ペン', 'シャープペンシル', '色鉛筆'],
        makes: ['桜木の', '真鍮の', '藍色の', '漆塗りの', '手作りの'],
        description: '毎日使いたくなる書き心地。職人が一本ずつ仕上げています。 A pen to use every day.',
        materials: ['真鍮', '木', '漆'],
        tags: ['文房具', 'pen', '手作り'],
        priceMinor: [480, 32_000],
        weightGrams: [10, 60],
      },
      {
        category: ['紙', 'ノート'],
        names: ['ノート', 'スケッチブック', '手帳', '便箋', '封筒'],
        makes: ['和紙の', '方眼の', '横罫の', '無地の', '藍染の'],
        description: 'インクがにじみにくい上質な紙。糸かがり製本で、平らに開きます。 Lies flat, takes fountain pens.',
        materials: ['和紙', '再生紙'],
        tags: ['文房具', 'paper', 'notebook'],
        option: { name: 'サイズ', values: ['A4', 'A5', 'B6'] },
        priceMinor: [320, 4_800],
        weightGrams: [40, 500],
      },
      {
        category: ['紙', '折り紙'],
        names: ['折り紙', '千代紙', 'カード', 'しおり'],
        makes: ['春の', '夏の', '秋の', '冬の', '友禅の'],
        description: '四季の柄を集めた紙。贈り物を包むのにも。 Patterns of the four seasons.',
        materials: ['和紙'],
        tags: ['origami', 'gift', '贈り物'],
        priceMinor: [180, 1_600],
        weightGrams: [20, 120],
      },
      {
        category: ['机まわり'],
        names: ['ペンケース', 'ペン立て', '文鎮', 'はさみ', '定規', '印鑑ケース'],
        makes: ['帆布の', '真鍮の', '鉄の', 'ヒノキの'],
        description: '机の上を静かに整える道具。使うほどに味わいが出ます。 Tools for a quiet desk.',
        materials: ['帆布', '真鍮', 'ヒノキ'],
        tags: ['desk', '文房具'],
        priceMinor: [650, 9_800],
        weightGrams: [40, 800],
      },
    ],
  },
];
