//! Where one message ends and the next begins, in a stream of WebSocket frames and in a body of long polling: what is
//! unsent is counted in messages, and so is what a client sends.

/// The longest head of a frame: two bytes, a length of eight, a mask of four.
const LONGEST_HEAD: usize = 14;
const SEPARATOR: u8 = 0x1e;
/// An Engine.IO message that is a Socket.IO event.
const EVENT: [u8; 2] = *b"42";

/// Reads frame after frame of one direction, however its bytes are cut.
#[derive(Default)]
pub(crate) struct Frames {
    head: [u8; LONGEST_HEAD],
    head_length: usize,
    /// Of the payload; only right where nothing is masked.
    beginning: [u8; 2],
    length: u64,
    seen: u64,
}

/// A frame that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    beginning: [u8; 2],
    length: u64,
}

impl Frame {
    /// The length of the event it carries, if it does.
    pub(crate) fn event(self) -> Option<usize> {
        (self.beginning == EVENT).then(|| usize::try_from(self.length).unwrap_or(usize::MAX))
    }
}

impl Frames {
    /// Calls `each` for every frame that ends within `bytes`.
    pub(crate) fn read(&mut self, mut bytes: &[u8], mut each: impl FnMut(Frame)) {
        while !bytes.is_empty() {
            let missing = self.head_size() - self.head_length;
            if missing > 0 {
                let (head, rest) = bytes.split_at(missing.min(bytes.len()));
                self.head[self.head_length..self.head_length + head.len()].copy_from_slice(head);
                self.head_length += head.len();
                bytes = rest;
                if self.head_length < self.head_size() {
                    continue;
                }
                self.length = self.payload_length();
                self.seen = 0;
            }
            let left = usize::try_from(self.length - self.seen).unwrap_or(usize::MAX);
            let (payload, rest) = bytes.split_at(left.min(bytes.len()));
            for byte in payload.iter().take(2) {
                if let Some(place) = usize::try_from(self.seen).ok().and_then(|at| self.beginning.get_mut(at)) {
                    *place = *byte;
                }
                self.seen += 1;
            }
            self.seen += payload.len().saturating_sub(2) as u64;
            bytes = rest;
            if self.seen == self.length {
                each(Frame { beginning: self.beginning, length: self.length });
                *self = Self::default();
            }
        }
    }

    /// As far as it is known by now.
    fn head_size(&self) -> usize {
        if self.head_length < 2 {
            return 2;
        }
        let length = match self.head[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        2 + length + if self.head[1] & 0x80 == 0 { 0 } else { 4 }
    }

    fn payload_length(&self) -> u64 {
        let bytes = match self.head[1] & 0x7f {
            126 => &self.head[2..4],
            127 => &self.head[2..10],
            short => return u64::from(short),
        };
        bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte))
    }
}

/// How many messages a body of long polling has.
pub(crate) fn packets(body: &[u8]) -> usize {
    if body.is_empty() { 0 } else { body.iter().filter(|byte| **byte == SEPARATOR).count() + 1 }
}

/// The lengths of the events in a body of long polling.
pub(crate) fn events(body: &[u8]) -> impl Iterator<Item = usize> {
    body.split(|byte| *byte == SEPARATOR).filter(|packet| packet.starts_with(&EVENT)).map(<[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(payload: &[u8], mask: bool) -> Vec<u8> {
        let bit = if mask { 0x80 } else { 0 };
        let mut frame = vec![0x81];
        match payload.len() {
            length @ ..126 => frame.push(bit | u8::try_from(length).unwrap()),
            length @ 126..65_536 => {
                frame.push(bit | 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            length => {
                frame.push(bit | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        if mask {
            frame.extend([0; 4]);
        }
        frame.extend(payload);
        frame
    }

    #[test]
    fn frames_are_found_however_their_bytes_are_cut() {
        let long = [b"42".as_slice(), &[b'x'; 70_000]].concat();
        let payloads: [&[u8]; 6] = [b"42[]", b"2", b"", b"43[]", &long[..300], &long];
        for mask in [false, true] {
            let bytes: Vec<u8> = payloads.iter().flat_map(|payload| frame(payload, mask)).collect();
            for size in [1, 2, 3, 7, 100, bytes.len()] {
                let (mut frames, mut lengths, mut events) = (Frames::default(), Vec::new(), Vec::new());
                for chunk in bytes.chunks(size) {
                    frames.read(chunk, |frame| {
                        lengths.push(frame.length);
                        events.extend(frame.event());
                    });
                }
                assert_eq!(lengths, [4, 1, 0, 4, 300, 70_002], "{size} {mask}");
                assert_eq!(events, [4, 300, 70_002]);
            }
        }
    }

    #[test]
    fn packets_of_a_body_are_counted() {
        assert_eq!(packets(b""), 0);
        assert_eq!(packets(b"3\x1e42[]"), 2);
        assert_eq!(events(b"2\x1e42[]\x1e43[]\x1e42[1]").collect::<Vec<_>>(), [4, 5]);
    }
}
