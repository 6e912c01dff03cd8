// Drawn on a 24 px grid with one stroke width, so that they look like one hand.
export const ICONS = {
  play: { d: 'M8 5.5v13l10.5-6.5z', solid: true },
  pause: { d: 'M7.5 6.5h2.5v11H7.5zM14 6.5h2.5v11H14z', solid: true },
  call: {
    d: 'M5 4h3.6l1.7 4.4-2.2 1.6a12 12 0 0 0 5.9 5.9l1.6-2.2L20 15.4V19a1.7 1.7 0 0 1-1.8 1.7A15.6 15.6 0 0 1 3.3 5.8 1.7 1.7 0 0 1 5 4z',
    solid: false,
  },
  heard: { d: 'M4.5 12.5l5 5 10-11', solid: false },
  bin: { d: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.3 11v5M13.7 11v5', solid: false },
  more: { d: 'M6.5 9.5l5.5 5.5 5.5-5.5', solid: false },
  down: { d: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14', solid: false },
  up: { d: 'M12 19V6M6.5 11.5 12 6l5.5 5.5', solid: false },
  menu: { d: 'M5 8h14M5 16h14', solid: false },
  record: { d: 'M12 6.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z', solid: true },
  stop: { d: 'M7 7h10v10H7z', solid: true },
  back: { d: 'M19 12H6M11.5 6.5 6 12l5.5 5.5', solid: false },
  close: { d: 'M6.5 6.5l11 11M17.5 6.5l-11 11', solid: false },
} as const;

export type IconName = keyof typeof ICONS;
