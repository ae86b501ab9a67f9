#include "lockstep/cells/color.h"

#include <assert.h>
#include <math.h>

/* Red, green and blue of the 256 colours as xterm defines them. */
static void rgb_of(int16_t color, int32_t rgb[3])
{
    static const uint8_t usual[16][3] = {
        {0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
        {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
        {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
        {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
    static const uint8_t steps[6] = {0, 95, 135, 175, 215, 255};

    if (color < 16) {
        for (int i = 0; i < 3; i++) rgb[i] = usual[color][i];
    } else if (color < 232) {
        int cube = color - 16;
        rgb[0] = steps[cube / 36];
        rgb[1] = steps[cube / 6 % 6];
        rgb[2] = steps[cube % 6];
    } else {
        for (int i = 0; i < 3; i++) rgb[i] = 8 + (color - 232) * 10;
    }
}

int16_t ls_color_nearest_16(int16_t of_256)
{
    if (of_256 < 16 || of_256 > 255) return of_256 < 16 ? of_256 : LS_COLOR_NONE;
    int32_t wanted[3];
    rgb_of(of_256, wanted);
    int16_t best = 0;
    int64_t best_distance = INT64_MAX;
    for (int16_t i = 0; i < 16; i++) {
        int32_t have[3];
        rgb_of(i, have);
        int64_t distance = 0;
        for (int c = 0; c < 3; c++)
            distance += (int64_t)(wanted[c] - have[c]) * (wanted[c] - have[c]);
        if (distance < best_distance) {
            best_distance = distance;
            best = i;
        }
    }
    return best;
}

const char *ls_vision_name(enum ls_vision vision)
{
    static const char *const names[LS_VISION_COUNT] = {"normal", "protan", "deutan", "tritan"};
    return (unsigned)vision < LS_VISION_COUNT ? names[vision] : "unknown";
}

bool ls_color_is_known(int16_t of_256)
{
    return of_256 >= 16 && of_256 <= 255;
}

/* Linear light of the sRGB value 0..255, 0..1 (IEC 61966-2-1). */
static double linear(int32_t value)
{
    double part = (double)value / 255.0;
    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static void linear_of(int16_t color, double light[3])
{
    int32_t rgb[3];
    assert(ls_color_is_known(color));
    rgb_of(color, rgb);
    for (int i = 0; i < 3; i++) light[i] = linear(rgb[i]);
}

static double luminance(int16_t color)
{
    double light[3];
    linear_of(color, light);
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
}

int32_t ls_color_contrast_centi(int16_t a, int16_t b)
{
    double one = luminance(a) + 0.05;
    double other = luminance(b) + 0.05;
    double ratio = one > other ? one / other : other / one;
    return (int32_t)(ratio * 100.0);
}

static void multiply(const double matrix[3][3], const double in[3], double out[3])
{
    for (int row = 0; row < 3; row++)
        out[row] = matrix[row][0] * in[0] + matrix[row][1] * in[1] + matrix[row][2] * in[2];
}

static double clamp(double part)
{
    if (part < 0.0) return 0.0;
    return part > 1.0 ? 1.0 : part;
}

/* What an eye sees of linear light. */
static void see(double light[3], enum ls_vision vision)
{
    static const double matrices[LS_VISION_COUNT][3][3] = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0.152286, 1.052583, -0.204868},
         {0.114503, 0.786281, 0.099216},
         {-0.003882, -0.048116, 1.051998}},
        {{0.367322, 0.860646, -0.227968},
         {0.280085, 0.672501, 0.047413},
         {-0.011820, 0.042940, 0.968881}},
        {{1.255528, -0.076749, -0.178779},
         {-0.078411, 0.930809, 0.147602},
         {0.004733, 0.691367, 0.303900}},
    };
    double seen[3];
    multiply(matrices[vision], light, seen);
    for (int i = 0; i < 3; i++) light[i] = clamp(seen[i]);
}

/* OKLab by its published matrices. */
static void lab_of(int16_t color, enum ls_vision vision, double lab[3])
{
    static const double to_cones[3][3] = {{0.4122214708, 0.5363325363, 0.0514459929},
                                          {0.2119034982, 0.6806995451, 0.1073969566},
                                          {0.0883024619, 0.2817188376, 0.6299787005}};
    static const double to_lab[3][3] = {{0.2104542553, 0.7936177850, -0.0040720468},
                                        {1.9779984951, -2.4285922050, 0.4505937099},
                                        {0.0259040371, 0.7827717662, -0.8086757660}};
    double light[3];
    double cones[3];
    linear_of(color, light);
    see(light, vision);
    multiply(to_cones, light, cones);
    for (int i = 0; i < 3; i++) cones[i] = cbrt(cones[i]);
    multiply(to_lab, cones, lab);
}

int32_t ls_color_difference_centi(int16_t a, int16_t b, enum ls_vision vision)
{
    double one[3];
    double other[3];
    double sum = 0;
    lab_of(a, vision, one);
    lab_of(b, vision, other);
    for (int i = 0; i < 3; i++) sum += (one[i] - other[i]) * (one[i] - other[i]);
    return (int32_t)(sqrt(sum) * 10000.0);
}
