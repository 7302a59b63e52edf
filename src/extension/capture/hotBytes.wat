;; Finds, in a run of bytes, each place where one of eight triples of byte sets stands; `hotPlaces.ts` says what it is for.
;;
;; Of a triple's sets, each is given by two tables of 16 bytes: one by a byte's low four bits, one by its high four bits.
;; Bit n of an entry says whether such bytes may be in the set of triple n. A byte that both tables allow is taken for one
;; of the set; three neighbours that are in all three sets of a triple are a find.
;;
;; Memory, one page: the tables of the first, second and third byte at 0, 32 and 64 (low, then high), sixteen times 15 at
;; 96, the bytes from 128 on, the list behind them. After a change: see test/unit/util/wasm.test.ts.
(module
  (memory (export "memory") 1 1)

  ;; Looks through the bytes from `at`, a multiple of 16 and at least 128, to `end`; what stands up to 15 bytes behind the
  ;; end is looked at too, and so may be what stands up to 16 bytes before the beginning.
  ;; Writes the address of each find's third byte to `list`, as 16 bits, in order; of the seventh triple its second byte's,
  ;; of the eighth its first byte's. What is found with the seventh is not found with others at that third byte.
  ;; Gives the address behind the list.
  (func (export "find") (param $at i32) (param $end i32) (param $list i32) (result i32)
    (local $low0 v128) (local $low1 v128) (local $low2 v128)
    (local $high0 v128) (local $high1 v128) (local $high2 v128)
    (local $nibble v128) (local $low v128) (local $high v128)
    (local $first v128) (local $second v128) (local $newFirst v128) (local $newSecond v128)
    (local $hits v128) (local $seconds i32) (local $firsts i32) (local $mask i32)

    (local.set $low0 (v128.load offset=0 (i32.const 0)))
    (local.set $high0 (v128.load offset=16 (i32.const 0)))
    (local.set $low1 (v128.load offset=32 (i32.const 0)))
    (local.set $high1 (v128.load offset=48 (i32.const 0)))
    (local.set $low2 (v128.load offset=64 (i32.const 0)))
    (local.set $high2 (v128.load offset=80 (i32.const 0)))
    (local.set $nibble (v128.load offset=96 (i32.const 0)))

    ;; The block before the first one is looked at for its last two bytes.
    (local.set $at (i32.sub (local.get $at) (i32.const 16)))
    (loop $blocks
      (local.set $low (v128.load (local.get $at)))
      (local.set $high (v128.and (local.get $nibble) (i16x8.shr_u (local.get $low) (i32.const 4))))
      (local.set $low (v128.and (local.get $nibble) (local.get $low)))
      (local.set $newFirst (v128.and
        (i8x16.relaxed_swizzle (local.get $low0) (local.get $low))
        (i8x16.relaxed_swizzle (local.get $high0) (local.get $high))))
      (local.set $newSecond (v128.and
        (i8x16.relaxed_swizzle (local.get $low1) (local.get $low))
        (i8x16.relaxed_swizzle (local.get $high1) (local.get $high))))
      ;; First and second bytes move two places and one place on, to where the third one stands.
      (local.set $hits (v128.and
        (v128.and
          (i8x16.relaxed_swizzle (local.get $low2) (local.get $low))
          (i8x16.relaxed_swizzle (local.get $high2) (local.get $high)))
        (v128.and
          (i8x16.shuffle 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 (local.get $first) (local.get $newFirst))
          (i8x16.shuffle 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 (local.get $second) (local.get $newSecond)))))
      (local.set $first (local.get $newFirst))
      (local.set $second (local.get $newSecond))
      (if (v128.any_true (local.get $hits))
        (then
          ;; The bitmask of the hits themselves is that of the eighth triple. The mask begins two bytes before the block.
          (local.set $firsts (i8x16.bitmask (local.get $hits)))
          (local.set $seconds (i8x16.bitmask (i8x16.shl (local.get $hits) (i32.const 1))))
          (local.set $mask (i32.or
            (i32.or (local.get $firsts) (i32.shl (local.get $seconds) (i32.const 1)))
            (i32.shl
              (i32.and
                (i8x16.bitmask (i8x16.ne (local.get $hits) (v128.const i64x2 0 0)))
                (i32.xor (i32.or (local.get $firsts) (local.get $seconds)) (i32.const -1)))
              (i32.const 2))))
          (loop $each
            (i32.store16 (local.get $list)
              (i32.sub (i32.add (local.get $at) (i32.ctz (local.get $mask))) (i32.const 2)))
            (local.set $list (i32.add (local.get $list) (i32.const 2)))
            ;; Without its lowest bit.
            (br_if $each (local.tee $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))))))
      (br_if $blocks (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (local.get $list)))
