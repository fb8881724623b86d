/* How a day sheet says things: days, distances, calls. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.day.Words) return;

  const EARTH_KM = 6371.0088;
  const NEAR_KM = 10; // below this a distance has a decimal
  const radians = (degrees) => (degrees * Math.PI) / 180;

  /** Great-circle distance [km] between two places with lat and lon [degree]. */
  function kmBetween(p, q) {
    const dLat = radians(q.lat - p.lat) / 2;
    const dLon = radians(q.lon - p.lon) / 2;
    const a = Math.sin(dLat) ** 2 + Math.cos(radians(p.lat)) * Math.cos(radians(q.lat)) * Math.sin(dLon) ** 2;
    return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(a)));
  }

  /** The day a device shows, as ISO text. */
  const dayOf = (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, "0")).join("-");

  class Words extends gt.parts.Speech {
    constructor(state) {
      super(state);
      const { language } = state;
      const utc = { timeZone: "UTC" };
      const long = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", year: "numeric", ...utc });
      const short = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", ...utc });
      const dated = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", ...utc });
      const on = (format) => (iso) => (iso ? format.format(new Date(iso.slice(0, 10) + "T00:00:00Z")) : "–");
      Object.assign(this, { longDay: on(long), shortDay: on(short), fullDay: on(dated) });
    }

    km(n) {
      return this.say("km", { n: n < NEAR_KM ? this.fine(n) : this.whole(n) });
    }

    channel(channel) {
      return this.say("channel_" + channel);
    }

    outcome(outcome, channel) {
      const special = `outcome_${outcome}_${channel}`;
      return this.say(special in this.texts ? special : "outcome_" + outcome);
    }

    /** "visit, met": what a call was. */
    what({ channel, outcome }) {
      return `${this.channel(channel)}, ${this.outcome(outcome, channel).toLocaleLowerCase(this.state.language)}`;
    }
  }

  Object.assign(gt.day, { Words, kmBetween, dayOf });
})(window.L);
